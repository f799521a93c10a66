"""The work of `straymail watchlist diff`."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from streams.backtest.watchlist_diff import Difference, differences
from streams.cli.shared.output import json_wanted, write_json
from streams.cli.shared.problems import ProblemReport
from streams.cli.shared.sources import read_events
from streams.clock import today
from streams.config import load_settings
from streams.counted import counted
from streams.domains.verdict import Verdict
from streams.domains.watchlist.file import read_watchlist
from streams.events.safe_text import clean
from streams.sources.read import ReadSummary
from streams.sources.registry import source_named


def run_diff(old: Path, new: Path, events: tuple[str, ...], config: Path | None, *, as_json: bool) -> int:
    """Print the differences between two watchlists on the given mail events. Returns the exit code."""
    settings, day = load_settings(config), today()
    before, after = read_watchlist(old, today=day), read_watchlist(new, today=day)
    source, tally, on_problem = source_named("jsonl"), ReadSummary(), ProblemReport()
    with ExitStack() as opened:
        found = differences(read_events(source, events, tally, on_problem, opened), before, after, settings)
    on_problem.report_rest()
    if json_wanted(as_json):
        for one in found:
            write_json(_difference(one))
    else:
        Console().print(_table_of_differences(found))
    return 1 if tally.problems else 0


def _difference(one: Difference) -> dict[str, Any]:
    return {
        "domain": one.domain,
        "change": one.change,
        "mails": one.mails,
        "senders": len(one.senders),
        "old": None if one.old is None else one.old._asdict(),
        "new": None if one.new is None else one.new._asdict(),
    }


def _table_of_differences(found: list[Difference]) -> Table:
    table = Table(
        box=None, padding=(0, 2, 0, 0), pad_edge=False, title=counted(len(found), "domain"), title_justify="left"
    )
    for column in ("change", "domain", "mails", "senders", "before", "after"):
        table.add_column(column, justify="right" if column in ("mails", "senders") else "left", overflow="fold")
    for one in found:
        style = {"gained": "green", "lost": "red", "changed": "yellow"}[one.change]
        verdicts = [_verdict_text(one.old), _verdict_text(one.new)]
        table.add_row(
            Text(one.change, style),
            Text(clean(one.domain)),
            f"{one.mails:,}",
            f"{len(one.senders):,}",
            *(Text(clean(verdict)) for verdict in verdicts),
        )
    return table


def _verdict_text(verdict: Verdict | None) -> str:
    if verdict is None:
        return "not flagged"
    return f"typo of {verdict.intended}{'' if verdict.certain else ', not certain'} ({verdict.score:.2f})"
