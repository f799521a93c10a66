"""`straymail score`: score domains given as arguments, or one per line on stdin."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from streams.cli.shared.options import epilog

EPILOG = epilog(
    """
    straymail score --watchlist watchlist.yaml army.ml
    cut -d@ -f2 recipients.txt | straymail score --watchlist watchlist.yaml - | jq -c 'select(.typo)'
    """,
    "0 done, 2 wrong usage, or the watchlist can't be used.",
)


@click.command(epilog=EPILOG)
@click.option(
    "--watchlist",
    required=True,
    envvar="STRAYMAIL_WATCHLIST",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The watchlist, YAML or one watched domain per line.",
)
@click.option(
    "--known", type=click.Path(dir_okay=False, path_type=Path), help="File of domains known to be real, one per line."
)
@click.option(
    "--well-known/--no-well-known", default=True, help="Whether well-known domains score lower.", show_default=True
)
@click.option("--typo", type=click.FloatRange(0, 1, min_open=True), help="Lowest score at which a domain is a typo.")
@click.option("--certain", type=click.FloatRange(0, 1, min_open=True), help="Lowest score at which a typo is certain.")
@click.argument("domains", nargs=-1, required=True)
def score(
    watchlist: Path,
    known: Path | None,
    well_known: bool,
    typo: float | None,
    certain: float | None,
    domains: tuple[str, ...],
) -> int:
    """Score domains given as arguments or on stdin.

    Reports for each of DOMAINS (`-` reads stdin, one per line) whether it is a slip for a watched domain, and for
    which, as one JSON object per line, in order. It has an `error` if the text is no domain name. For an address, only
    the domain is scored.
    """
    from streams.cli.score.run import load, score_stream, score_texts
    from streams.cli.shared.output import json_stdout
    from streams.domains.thresholds import CERTAIN, TYPO, PlainThresholds

    if "-" in domains and sys.stdin is None:
        raise click.UsageError("'-' reads stdin, but stdin is closed.")
    certain = certain or max(CERTAIN, typo or 0)
    thresholds = PlainThresholds(typo=typo or TYPO, certain=certain, known=known, well_known=well_known)
    if not thresholds.certain >= thresholds.typo:  # also true for NaN
        raise click.UsageError(f"--certain ({thresholds.certain}) is below --typo ({thresholds.typo}).")
    verdict_of, out = load(watchlist, thresholds), json_stdout()
    for domain in domains:
        if domain == "-":
            score_stream(verdict_of, sys.stdin.buffer, out)
        else:
            readable = domain.encode(errors="surrogateescape").decode(errors="replace")
            out.write(score_texts(verdict_of, [readable]))
    return 0
