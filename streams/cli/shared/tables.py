"""Alerts and hits as a person reads them: coloured tables and lines, the slip marked letter by letter."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from streams.domains.diff import Piece, compare
from streams.events.alert_view import AlertView
from streams.events.hit import TypoHit
from streams.events.safe_text import clean, readable_domain
from streams.severity import Severity

SEVERITY_STYLES = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
    Severity.INFORMATIONAL: "dim",
}
STATE_STYLES = {"final": "dim", "late": "magenta", "withdrawn": "strike"}
TYPED_STYLES = {"extra": "reverse red", "wrong": "reverse red", "swapped": "reverse magenta", "lost": "bold red"}
MEANT_STYLES = {"lost": "bold underline green", "wrong": "bold underline green", "swapped": "bold underline green"}
WIDE = 110
"""From so many columns on, the tables tell the slip and the rule as well."""


def severity_text(severity: Severity) -> Text:
    """The severity in its colour, short enough for a column of eight."""
    word = "info" if severity is Severity.INFORMATIONAL else severity.word
    return Text(word, style=SEVERITY_STYLES[severity])


def state_text(view: AlertView) -> Text:
    """The state of the finding's window, or that it is withdrawn."""
    state = "withdrawn" if view.activity == "close" else view.window
    return Text(clean(state), style=STATE_STYLES.get(state, ""))


def time_text(time_ms: int) -> str:
    """Month, day and time of day in UTC."""
    return datetime.fromtimestamp(time_ms / 1000, tz=UTC).strftime("%m-%d %H:%M")


def typed_text(typed: str, meant: str, console: Console) -> Text:
    """The typed domain, wrong letters marked, a low line where some are missing, the code of those beyond ASCII."""
    gap = "_" if console.options.ascii_only else "\u2581"
    text = Text()
    for piece in compare(readable_domain(typed), meant).typed:
        text.append(piece.text or gap, style=TYPED_STYLES.get(piece.kind, ""))
        text.append(_beyond_ascii(piece), style="dim")
    return text


def meant_text(typed: str, meant: str) -> Text:
    """The meant domain, with the letters marked that were lost or typed otherwise."""
    text = Text()
    for piece in compare(readable_domain(typed), meant).meant:
        text.append(clean(piece.text), style=MEANT_STYLES.get(piece.kind, ""))
    return text


def _beyond_ascii(piece: Piece) -> str:
    codes = [f"U+{ord(letter):04X}" for letter in piece.text if not letter.isascii()]
    return f"({' '.join(codes)})" if codes and piece.kind != "same" else ""


def title_text(view: AlertView, console: Console) -> Text:
    """The title with its first mistaken domain marked in place, or in brackets after a title that lacks it."""
    title = clean(view.title)
    if not view.domain:
        return Text(title)
    marked = typed_text(view.domain, view.intended, console)
    found = _standing_alone(clean(view.domain), title)
    if found is None:
        return Text.assemble(title, " (", marked, ")")
    text = Text.assemble(title[: found.start()], marked)
    intended = _standing_alone(clean(view.intended), title, found.end())
    if intended is None:
        return text.append(title[found.end() :])
    text.append(title[found.end() : intended.start()])
    return text.append_text(meant_text(view.domain, view.intended)).append(title[intended.end() :])


def _standing_alone(domain: str, title: str, start: int = 0) -> re.Match[str] | None:
    """The domain as a word of its own: neither part of another domain nor of an address."""
    return re.compile(rf"(?<![\w.@-]){re.escape(domain)}(?![\w-]|\.\w)").search(title, start)


def alert_table(views: Iterable[AlertView], console: Console, *, header: bool = True) -> Table:
    """Alerts in rows as wide as the console: 80 columns do, from 110 on slip and rule are told too."""
    wide = console.width >= WIDE
    table = _table(console, header)
    table.add_column("time UTC", width=11, no_wrap=True)
    table.add_column("severity", width=8, no_wrap=True)
    table.add_column("mails", width=6, justify="right", no_wrap=True)
    table.add_column("what", ratio=1, overflow="fold")
    if wide:
        table.add_column("slip", width=18, overflow="fold")
        table.add_column("rule", width=16, overflow="fold")
    table.add_column("window", width=9, no_wrap=True)
    for view in views:
        told = [view.slip, view.rule] if wide else []
        table.add_row(
            time_text(view.time_ms),
            severity_text(view.severity),
            f"{view.count}{'+' if view.count_is_minimum else ''}",
            title_text(view, console),
            *(Text(clean(part)) for part in told),
            state_text(view),
        )
    return table


def hit_table(hits: Iterable[TypoHit], console: Console, *, header: bool = True) -> Table:
    """Typo hits in rows: who wrote to whom, what was typed for what, what became of it, and the mail's message id."""
    wide = console.width >= WIDE
    table = _table(console, header)
    table.add_column("time UTC", width=11, no_wrap=True)
    table.add_column("from", ratio=3, overflow="fold")
    table.add_column("to", ratio=4, overflow="fold")
    if wide:
        table.add_column("meant", ratio=2, overflow="fold")
    table.add_column("delivery", width=9, no_wrap=True)
    table.add_column("message id", ratio=3, overflow="fold")
    for hit in hits:
        table.add_row(
            time_text(hit.time),
            Text(clean(hit.sender)),
            recipients_text(hit, console),
            *([meant_text(hit.domain, hit.intended)] if wide else []),
            Text(clean(hit.delivery)),
            Text(clean(hit.mail)),
        )
    return table


def recipients_text(hit: TypoHit, console: Console) -> Text:
    """The first recipient with its domain marked, and how many more there are."""
    first = hit.recipients[0] if hit.recipients else ""
    local, _, _ = first.rpartition("@")
    marked = typed_text(hit.domain, hit.intended, console)
    address = Text.assemble(clean(local), "@", marked) if local else marked
    more = hit.recipient_count - 1
    return Text.assemble(address, f" and {more} more") if more > 0 else address


def counted(number: int, what: str) -> Text:
    """The number of things, as the last line below a table."""
    return Text(f"{number:,} {what}{'' if number == 1 else 's'}", style="dim")


def _table(console: Console, header: bool) -> Table:
    return Table(
        box=None, padding=(0, 1, 0, 0), pad_edge=False, show_header=header, header_style="bold", width=console.width
    )
