"""`straymail watchlist`: make, look through, explain and compare watchlists."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from streams.cli.shared.options import config_option, epilog, json_option
from streams.sources.registry import SOURCES

EPILOG = epilog(
    """
    straymail watchlist suggest postfix /var/log/mail.log* -o suggested.yaml
    straymail watchlist lint watchlist.yaml
    straymail watchlist explain army.ml
    straymail watchlist diff watchlist.yaml new.yaml --events events.jsonl.gz
    """,
    "0 done, 1 lint has remarks or some records could not be read, 2 called or configured wrongly.",
)
existing: Callable[..., Any] = click.Path(dir_okay=False, path_type=Path)


@click.group(epilog=EPILOG)
def watchlist() -> None:
    """Suggest a watchlist from history, look one through, explain a domain, compare two."""


@watchlist.command()
@click.argument("source", type=click.Choice(list(SOURCES)))
@click.argument("files", nargs=-1, required=True, type=click.Path(allow_dash=True))
@config_option
@json_option
@click.option("--watchlist", "path", type=existing, help="What is watched already, instead of the configured one.")
@click.option("--output", "-o", type=existing, help="Write the suggestions to this file, as a watchlist to edit.")
@click.option("--mails", type=click.IntRange(1), default=20, show_default=True, help="Least mails to be suggested.")
@click.option("--senders", type=click.IntRange(1), default=3, show_default=True, help="Least senders, the same.")
@click.option("--timezone", metavar="NAME", help="Of times without an offset, such as Europe/London; default: here.")
@click.option("--year", type=click.IntRange(1990, 2099), help="Of the first line, where lines have none.")
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
    """From history: which domains to watch, to allow and to know as real, and which to review.

    Whatever may be a slip for a watched domain, or for one that gets more mail, is under review and nowhere else.
    """
    from streams.backtest.suggest import Least
    from streams.cli.watchlist.suggest import Wanted, run_suggest

    wanted = Wanted(source, files, config, path, timezone, year)
    return run_suggest(wanted, Least(mails=mails, senders=senders), output, as_json=as_json)


@watchlist.command()
@click.argument("path", metavar="FILE", type=existing)
@json_option
def lint(path: Path, as_json: bool) -> int:
    """Look a watchlist through for entries that do nothing, or not what was meant."""
    from streams.cli.watchlist.lint import run_lint

    return run_lint(path, as_json=as_json)


@watchlist.command()
@click.argument("domain")
@config_option
@json_option
@click.option("--watchlist", "path", type=existing, help="Instead of the configured one.")
def explain(domain: str, config: Path | None, as_json: bool, path: Path | None) -> int:
    """Say what DOMAIN (or the domain of an address) is taken for, and why."""
    from streams.cli.watchlist.explain import run_explain

    return run_explain(domain, config, path, as_json=as_json)


@watchlist.command()
@click.argument("old", type=existing)
@click.argument("new", type=existing)
@click.option(
    "--events", required=True, multiple=True, type=click.Path(allow_dash=True), help="Mail events, JSON lines."
)
@config_option
@json_option
def diff(old: Path, new: Path, events: tuple[str, ...], config: Path | None, as_json: bool) -> int:
    """Say what NEW would flag of these mails that OLD doesn't, and what no longer."""
    from streams.cli.watchlist.diff import run_diff

    return run_diff(old, new, events, config, as_json=as_json)
