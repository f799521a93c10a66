"""`straymail score`: judge domains on the command line, or one a line from stdin."""

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
    "0 done, 2 called wrongly or the watchlist can't be used.",
)


@click.command(epilog=EPILOG)
@click.option(
    "--watchlist",
    required=True,
    envvar="STRAYMAIL_WATCHLIST",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The watchlist, YAML or one watched domain a line.",
)
@click.option("--known", type=click.Path(dir_okay=False, path_type=Path), help="Domains known to be real, one a line.")
@click.option("--typo", type=click.FloatRange(0, 1, min_open=True), help="A domain is a typo from this score on.")
@click.option("--certain", type=click.FloatRange(0, 1, min_open=True), help="A typo is certain from this score on.")
@click.argument("domains", nargs=-1, required=True)
def score(
    watchlist: Path, known: Path | None, typo: float | None, certain: float | None, domains: tuple[str, ...]
) -> int:
    """Judge each of DOMAINS, `-` for those on stdin, one a line: is it a slip for a watched domain, and for which?

    One JSON object a line is written for each, in order; a line that is no domain name has an `error`. Addresses
    are judged by their domain.
    """
    from streams.cli.score.run import load, score_stream, score_texts
    from streams.domains.thresholds import CERTAIN, TYPO, PlainThresholds

    if "-" in domains and sys.stdin is None:
        raise click.UsageError("'-' reads stdin, which is closed.")
    policy = PlainThresholds(typo=typo or TYPO, certain=certain or max(CERTAIN, typo or 0), known=known)
    if not policy.certain >= policy.typo:  # so that nan is refused too
        raise click.UsageError(f"--certain ({policy.certain}) is below --typo ({policy.typo}).")
    verdict_of = load(watchlist, policy)
    for domain in domains:
        if domain == "-":
            score_stream(verdict_of, sys.stdin.buffer, sys.stdout.buffer)
        else:
            readable = domain.encode(errors="surrogateescape").decode(errors="replace")
            sys.stdout.buffer.write(score_texts(verdict_of, [readable]))
    return 0
