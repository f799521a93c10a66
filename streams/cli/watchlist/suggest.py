"""The work of `straymail watchlist suggest`."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from streams.backtest.suggest import KINDS, Kind, Minimum, Suggestion, suggest
from streams.backtest.volumes import Volumes
from streams.cli.shared.output import json_wanted, write_json
from streams.cli.shared.problems import ProblemReport, print_error
from streams.cli.shared.sources import day_of, read_events, summary, zone_named
from streams.clock import monotonic, today
from streams.config import load_settings
from streams.counted import counted
from streams.domains.own_domains import OwnDomains
from streams.domains.watchlist.file import read_watchlist
from streams.events.safe_text import clean
from streams.files import write_private
from streams.sources.read import ReadSummary
from streams.sources.registry import source_named
from streams.sources.source import SourceOptions

HEADINGS: dict[Kind, str] = {
    "watched": "frequent recipients, similar to no other domain: watch those for which a slip would do harm",
    "allowed": "similar to a watched domain, but not a slip for it: allow those that are somebody's real domain",
    "known": "real but rare recipients: lines for the file that the setting scorer.known names",
    "review": "may be slips: watch or allow none of these without checking it first",
}
DECIDE = "near a watched domain, but mail goes both ways for weeks: decide, and uncomment only somebody's real domain"


@dataclass(frozen=True, slots=True)
class SuggestRequest:
    """Arguments of `watchlist suggest` that say which mail to read, and with which settings."""

    source: str
    files: tuple[str, ...]
    config: Path | None = None
    watchlist: Path | None = None
    timezone: str | None = None
    year: int | None = None


def run_suggest(request: SuggestRequest, minimum: Minimum, output: Path | None, *, as_json: bool) -> int:
    """Print the suggestions, or write them to `output`. Returns the exit code."""
    settings = load_settings(request.config, {"watchlist": request.watchlist} if request.watchlist else None)
    present = read_watchlist(settings.watchlist_path, today=today())
    options = SourceOptions(
        zone=zone_named(request.timezone),
        year=request.year,
        own_networks=settings.own_networks,
        own_relays=settings.own_relays,
    )
    source = source_named(request.source, options)
    tally, on_problem, begun = ReadSummary(), ProblemReport(), monotonic()
    volumes = Volumes(OwnDomains(settings.own_domains))
    with ExitStack() as opened:
        volumes.add_all(read_events(source, request.files, tally, on_problem, opened))
    on_problem.report_rest()
    found = suggest(volumes, present, settings, minimum)
    if output is not None:
        _write_suggestions(output, found)
    if json_wanted(as_json) and output is None:
        for one in found:
            write_json(_row(one))
    elif output is None:
        Console().print(_table_of(found))
    for line in summary(source, tally, monotonic() - begun, request.files):
        click.echo(line, err=True)
    return 1 if tally.problems else 0


def _row(one: Suggestion) -> dict[str, Any]:
    volume, verdict = one.volume, one.verdict
    return {
        "list": one.kind,
        "domain": volume.domain,
        "mails": volume.mails,
        "senders": len(volume.senders),
        "delivered": volume.delivered,
        "received": volume.received,
        "persons": len(volume.persons),
        "days_out": len(volume.days_out),
        "days_in": len(volume.days_in),
        "decide": one.kind == "allowed" and one.may_be_slip,
        "first": day_of(volume.first_ms),
        "last": day_of(volume.last_ms),
        "intended": verdict.intended,
        "slip": verdict.slip,
        "score": round(verdict.score, 4),
    }


def _write_suggestions(path: Path, found: list[Suggestion]) -> None:
    """Write a watchlist to be edited; domains for `scorer.known` and for review are in comments. Raises UsageError."""
    lines = ["# Suggested by straymail from past mail: check each line before you use it."]
    for kind in KINDS:
        of_kind = [one for one in found if one.kind == kind]
        entries = [one for one in of_kind if kind == "review" or not one.may_be_slip]
        undecided = [one for one in of_kind if one not in entries]
        is_key = kind in ("watched", "allowed")
        lines += ["", f"# {HEADINGS[kind]}", f"{'' if is_key else '# '}{kind}:{'' if entries or not is_key else ' []'}"]
        lines += [_line(one, commented=not is_key) for one in entries]
        lines += [f"# {DECIDE}" for _ in undecided[:1]] + [_line(one, commented=True) for one in undecided]
    write_private(path, "\n".join(lines) + "\n", print_error)


def _line(one: Suggestion, *, commented: bool) -> str:
    return f"{'# ' if commented else ''}  - {clean(f'{one.volume.domain}  # {_comment(one)}')}"


def _comment(one: Suggestion) -> str:
    volume, verdict = one.volume, one.verdict
    days = f"{day_of(volume.first_ms)} to {day_of(volume.last_ms)}"
    traffic = f"{counted(volume.mails, 'mail')}, {counted(len(volume.senders), 'sender')}, {days}"
    traffic += f", {volume.received:,} received" if volume.received else ""
    if not one.may_be_slip:
        return traffic
    if one.kind == "allowed":
        traffic += f", out on {counted(len(volume.days_out), 'day')}, in on {len(volume.days_in)}"
        traffic += f", {counted(len(volume.persons), 'person')} there"
    return f"{traffic}; {verdict.slip} for {verdict.intended}? ({verdict.score:.2f})"


def _table_of(found: list[Suggestion]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for column in ("list", "domain", "mails", "senders", "first", "last", "slip for"):
        table.add_column(column, justify="right" if column in ("mails", "senders") else "left", overflow="fold")
    for one in found:
        meant = one.verdict.intended if one.may_be_slip else None
        volume = one.volume
        table.add_row(
            "allowed?" if one.may_be_slip and one.kind == "allowed" else one.kind,
            Text(clean(volume.domain)),
            f"{volume.mails:,}",
            f"{len(volume.senders):,}",
            day_of(volume.first_ms),
            day_of(volume.last_ms),
            Text(clean(meant or "")),
            style="yellow" if one.may_be_slip else "",
        )
    return table
