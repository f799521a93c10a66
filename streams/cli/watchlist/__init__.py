"""`straymail watchlist`: suggest, lint, explain and compare watchlists."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from streams.cli.shared.options import config_option, epilog, json_option, timezone_option, year_option
from streams.sources.registry import SOURCES

EPILOG = epilog(
    """
    straymail watchlist suggest postfix /var/log/mail.log* -o suggested.yaml
    straymail watchlist lint
    straymail watchlist explain army.ml
    straymail watchlist diff watchlist.yaml new.yaml --events events.jsonl.gz
    """,
    "0 done, 1 lint found something or some records could not be read, 2 wrong usage or configuration.",
)
file_path: Callable[..., Any] = click.Path(dir_okay=False, path_type=Path)


@click.group(epilog=EPILOG)
def watchlist() -> None:
    """Suggest, lint, explain and compare watchlists."""


@watchlist.command()
@click.argument("source", metavar="SOURCE", type=click.Choice(list(SOURCES)))
@click.argument("files", nargs=-1, required=True, type=click.Path(allow_dash=True))
@config_option
@json_option
@click.option("--watchlist", "path", type=file_path, help="The current watchlist, instead of the configured one.")
@click.option("--output", "-o", type=file_path, help="Write the suggestions as a watchlist to this file, to be edited.")
@click.option("--mails", type=click.IntRange(1), default=20, show_default=True, help="Fewest mails for a suggestion.")
@click.option(
    "--senders", type=click.IntRange(1), default=3, show_default=True, help="Fewest senders for a suggestion."
)
@timezone_option
@year_option
def suggest(
    source: str,
    files: tuple[str, ...],
    config: Path | None,
    as_json: bool,
    path: Path | None,
    output: Path | None,
    mails: int,
    senders: int,
    timezone: str | None,
    year: int | None,
) -> int:
    """Suggest a watchlist from past mail.

    Lists domains to watch, to allow, to list as known (scorer.known), and to review. A domain that may be a slip for a
    watched domain, or for one that gets more mail, is only ever suggested for review; where mail has gone both ways
    for weeks it is proposed as allowed, for you to decide.

    SOURCE is the kind of log: postfix, exim, sendmail, m365, exchange, defender, google, zeek, suricata, mbox, eml or
    jsonl. FILES may be compressed; - is stdin.
    """
    from streams.backtest.suggest import Minimum
    from streams.cli.watchlist.suggest import SuggestRequest, run_suggest

    request = SuggestRequest(source, files, config, path, timezone, year)
    return run_suggest(request, Minimum(mails=mails, senders=senders), output, as_json=as_json)


@watchlist.command()
@click.argument("path", metavar="[FILE]", type=file_path, required=False)
@config_option
@json_option
def lint(path: Path | None, config: Path | None, as_json: bool) -> int:
    """Report entries without effect, or with an unintended one.

    Looks at FILE, or at the configured watchlist.
    """
    from streams.cli.watchlist.lint import run_lint

    return run_lint(path, config, as_json=as_json)


@watchlist.command()
@click.argument("domain")
@config_option
@json_option
@click.option("--watchlist", "path", type=file_path, help="Watchlist to use instead of the configured one.")
def explain(domain: str, config: Path | None, as_json: bool, path: Path | None) -> int:
    """Show the verdict on a domain, and why.

    For an address, only the domain is scored.
    """
    from streams.cli.watchlist.explain import run_explain

    return run_explain(domain, config, path, as_json=as_json)


@watchlist.command()
@click.argument("old", type=file_path)
@click.argument("new", type=file_path)
@click.option(
    "--events",
    required=True,
    multiple=True,
    type=click.Path(allow_dash=True),
    help="Mail events to compare the watchlists on, JSON lines.",
)
@config_option
@json_option
def diff(old: Path, new: Path, events: tuple[str, ...], config: Path | None, as_json: bool) -> int:
    """Compare what two watchlists flag in the same mail.

    Lists the domains that NEW flags and OLD doesn't, the reverse, and those for which the verdicts differ.
    """
    from streams.cli.watchlist.diff import run_diff

    return run_diff(old, new, events, config, as_json=as_json)
