"""The work of `straymail watchlist`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from streams.backtest.registration import WORDS, registration
from streams.backtest.suggest import KINDS, Kind, Least, Suggestion, suggest
from streams.backtest.volumes import Volumes
from streams.backtest.watchlist_diff import Difference, differences
from streams.backtest.watchlist_lint import remarks
from streams.cli.import_.run import Complaints, summary, zone_named
from streams.cli.shared.check_lines import Checked, show_checks
from streams.cli.shared.output import json_wanted, write_json
from streams.cli.shared.progress import progress_bar
from streams.cli.shared.tables import meant_text, typed_text
from streams.clock import monotonic, now_ms
from streams.config import Settings, load_settings
from streams.domains.scorer import Scorer
from streams.domains.settings import ScorerSettings
from streams.domains.verdict import Verdict
from streams.domains.watchlist.watchlist import Watchlist
from streams.errors import MalformedDomain, UsageError
from streams.events.mail import MailEvent
from streams.events.safe_text import clean
from streams.sources.files import expand, size_of
from streams.sources.read import Tally, read_files
from streams.sources.registry import source_named
from streams.sources.source import Source, SourceOptions

HEADINGS: dict[Kind, str] = {
    "watched": "mail goes there often, and nothing else is near: worth watching if slips for it would hurt",
    "allowed": "near a watched domain, yet too far to be a slip: allow it if it is somebody's real domain",
    "known": "really written to, though seldom: lines for the file that the setting scorer.known names",
    "review": "may be slips: never watch or allow one of these before somebody has looked at it",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which history, and under which settings."""

    source: str
    files: tuple[str, ...]
    config: Path | None = None
    watchlist: Path | None = None
    timezone: str | None = None
    year: int | None = None


def run_suggest(wanted: Wanted, least: Least, output: Path | None, *, as_json: bool) -> int:
    """Returns the exit status."""
    settings = _settings(wanted.config, wanted.watchlist)
    present = Watchlist.load(settings.watchlist_path, today=_today())
    source = source_named(wanted.source, SourceOptions(zone=zone_named(wanted.timezone), year=wanted.year))
    tally, complaints, volumes, begun = Tally(), Complaints(), Volumes(), monotonic()
    with ExitStack() as opened:
        volumes.add_all(_events(source, wanted.files, tally, complaints, opened))
    complaints.rest()
    found = suggest(volumes, present, settings, least)
    if output is not None:
        _write_suggestions(output, found)
    if json_wanted(as_json) and output is None:
        for one in found:
            write_json(_row(one))
    elif output is None:
        Console().print(_table_of(found))
    for line in summary(source, tally, monotonic() - begun):
        click.echo(line, err=True)
    return 1 if tally.problems else 0


def run_lint(path: Path, *, as_json: bool) -> int:
    """Returns the exit status: 1 where there is a remark. Raises WatchlistError where the file can't be used."""
    today = _today()
    loaded = Watchlist.load(path, today=today)
    found = [
        Checked("warning", remark.entry, remark.what, remark.remedy)
        for remark in remarks(loaded, ScorerSettings(), today)
    ]
    counts = f"{len(loaded.watched):,} watched, {len(loaded.allowed):,} allowed, {len(loaded.mistakes):,} mistakes"
    show_checks([*found, Checked("ok", str(path), counts)], as_json=as_json)
    return 1 if found else 0


def run_explain(domain: str, config: Path | None, path: Path | None, *, as_json: bool) -> int:
    """Returns the exit status. Raises UsageError for what is no domain."""
    settings = _settings(config, path)
    loaded = Watchlist.load(settings.watchlist_path, today=_today())
    try:
        verdict = Scorer(loaded, settings.scorer).score(domain)
    except MalformedDomain as error:
        raise UsageError(str(error)) from error
    registrable, how = registration(verdict.domain)
    group = None if verdict.intended is None else loaded.group_of(verdict.intended)
    if json_wanted(as_json):
        write_json({**verdict._asdict(), "group": group, "registrable": registrable, "registration": how})
        return 0
    console = Console()
    console.print(_sentence(verdict, settings, console))
    console.print(Text(clean(verdict.explanation)))
    console.print(f"To register: {clean(registrable)}, {WORDS[how]}", highlight=False)
    if group is not None:
        console.print(f"Group: {clean(group)}", highlight=False)
    return 0


def run_diff(old: Path, new: Path, events: tuple[str, ...], config: Path | None, *, as_json: bool) -> int:
    """Returns the exit status."""
    settings, today = load_settings(config), _today()
    before, after = Watchlist.load(old, today=today), Watchlist.load(new, today=today)
    source, tally, complaints = source_named("jsonl"), Tally(), Complaints()
    with ExitStack() as opened:
        found = differences(_events(source, events, tally, complaints, opened), before, after, settings)
    complaints.rest()
    if json_wanted(as_json):
        for one in found:
            write_json(_difference(one))
    else:
        Console().print(_table_of_differences(found))
    return 1 if tally.problems else 0


def _settings(config: Path | None, watchlist: Path | None) -> Settings:
    return load_settings(config, {"watchlist": watchlist} if watchlist else None)


def _today() -> date:
    return datetime.fromtimestamp(now_ms() / 1000, tz=UTC).date()


def _day(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, tz=UTC).date().isoformat()


def _events(
    source: Source, names: tuple[str, ...], tally: Tally, complaints: Complaints, opened: ExitStack
) -> Iterator[MailEvent]:
    files = expand(names, source.framing)
    advance = opened.enter_context(progress_bar(size_of(files), "records"))
    return read_files(
        source, files, tally, complaints, now_ms=now_ms(), on_progress=lambda done: advance(done, tally.records)
    )


def _row(one: Suggestion) -> dict[str, Any]:
    volume, verdict = one.volume, one.verdict
    return {
        "list": one.kind,
        "domain": volume.domain,
        "mails": volume.mails,
        "senders": len(volume.senders),
        "delivered": volume.delivered,
        "first": _day(volume.first_ms),
        "last": _day(volume.last_ms),
        "intended": verdict.intended,
        "slip": verdict.slip,
        "score": round(verdict.score, 4),
    }


def _write_suggestions(path: Path, found: list[Suggestion]) -> None:
    """A watchlist to edit; what is for the `known` file or for review stands in comments. Raises UsageError."""
    lines = ["# Suggested from history by straymail: read each line before it is used."]
    for kind in KINDS:
        is_key = kind in ("watched", "allowed")
        entries = [one for one in found if one.kind == kind]
        lines += ["", f"# {HEADINGS[kind]}", f"{'' if is_key else '# '}{kind}:{'' if entries or not is_key else ' []'}"]
        lines += [f"{'' if is_key else '# '}  - {one.volume.domain}  # {_told(one)}" for one in entries]
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    except OSError as error:
        raise UsageError(f"can't write {path}: {error.strerror}") from error


def _told(one: Suggestion) -> str:
    volume, verdict = one.volume, one.verdict
    told = f"{volume.mails:,} mails, {len(volume.senders):,} senders, {_day(volume.first_ms)} to {_day(volume.last_ms)}"
    return told if one.kind != "review" else f"{told}; {verdict.slip} for {verdict.intended}? ({verdict.score:.2f})"


def _table_of(found: list[Suggestion]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for column in ("list", "domain", "mails", "senders", "first", "last", "may be meant"):
        table.add_column(column, justify="right" if column in ("mails", "senders") else "left", overflow="fold")
    for one in found:
        meant = one.verdict.intended if one.kind == "review" else None
        volume = one.volume
        table.add_row(
            one.kind,
            clean(volume.domain),
            f"{volume.mails:,}",
            f"{len(volume.senders):,}",
            _day(volume.first_ms),
            _day(volume.last_ms),
            clean(meant or ""),
            style="yellow" if one.kind == "review" else "",
        )
    return table


def _sentence(verdict: Verdict, settings: Settings, console: Console) -> Text:
    if verdict.intended is None:
        return Text.assemble((clean(verdict.domain), "bold"), " is taken for no typo")
    kind = "a certain typo" if verdict.certain else "a typo, not a certain one," if verdict.typo else "no typo"
    typed, meant = typed_text(verdict.domain, verdict.intended, console), meant_text(verdict.domain, verdict.intended)
    score = f" (score {verdict.score:.2f}, a typo from {settings.scorer.typo:.2f} on)"
    return Text.assemble(typed, f" is taken for {kind} for ", meant, score)


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
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, title=f"{len(found):,} domains", title_justify="left")
    for column in ("change", "domain", "mails", "senders", "before", "after"):
        table.add_column(column, justify="right" if column in ("mails", "senders") else "left", overflow="fold")
    for one in found:
        style = {"gained": "green", "lost": "red", "changed": "yellow"}[one.change]
        told = [_verdict_told(one.old), _verdict_told(one.new)]
        table.add_row(
            Text(one.change, style), clean(one.domain), f"{one.mails:,}", f"{len(one.senders):,}", *map(clean, told)
        )
    return table


def _verdict_told(verdict: Verdict | None) -> str:
    if verdict is None:
        return "not flagged"
    return f"for {verdict.intended}{'' if verdict.certain else ', not certain'} ({verdict.score:.2f})"
