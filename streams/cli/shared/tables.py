"""Alerts and hits as coloured tables and texts, with each slip marked letter by letter."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from streams.counted import counted
from streams.domains.diff import compare
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
TYPED_STYLES = {"extra": "bold underline red", "wrong": "bold underline red", "swapped": "bold underline magenta"}
LOST_STYLE = "underline red"
"""Of the letters on both sides of a place where letters are missing: nothing stands there that could be marked."""
MEANT_STYLES = {"lost": "bold underline green", "wrong": "bold underline green", "swapped": "bold underline green"}
WIDE = 110
"""Width in columns from which alerts also show slip and rule, and hits the intended domain."""


def severity_text(severity: Severity) -> Text:
    """Severity in its colour, in at most 8 columns."""
    word = "info" if severity is Severity.INFORMATIONAL else severity.word
    return Text(word, style=SEVERITY_STYLES[severity])


def state_text(view: AlertView) -> Text:
    """State of the finding's window, or `withdrawn`."""
    state = "withdrawn" if view.activity == "close" else view.window
    return Text(clean(state), style=STATE_STYLES.get(state, ""))


def count_text(view: AlertView) -> str:
    """The count, with a `+` where it is to be read as "at least"."""
    return f"{view.count}{'+' if view.may_grow else ''}"


def at_least_line(views: Iterable[AlertView]) -> Text | None:
    """What the `+` in a table of alerts means; None if no row has one."""
    if not any(view.may_grow for view in views):
        return None
    return Text("+ at least: the window isn't final, or counting stopped at its bound", style="dim")


def shown_ms(view: AlertView) -> int:
    """The time by which a state is shown, in ms since the epoch: of a final one that of its last mail, since it is
    published long after, when its window has ended."""
    return view.last_seen_ms if view.window == "final" else view.time_ms


def time_text(time_ms: int) -> str:
    """Month, day, hour and minute in UTC of a time in ms since the epoch."""
    return datetime.fromtimestamp(time_ms / 1000, tz=UTC).strftime("%m-%d %H:%M")


def typed_text(typed: str, meant: str) -> Text:
    """The typed domain as it is, so that it can be copied and searched for, with its wrong letters coloured and
    underlined. One with letters beyond ASCII is followed by how it reads, and their codes."""
    readable = readable_domain(typed)
    marked = _marked(readable, meant)
    if readable.isascii():
        return marked
    codes = Text(" ".join(f"U+{ord(letter):04X}" for letter in readable if not letter.isascii()), style="dim")
    if readable == typed:
        return Text.assemble(marked, " (", codes, ")")
    return Text.assemble(clean(typed), " (", marked, " ", codes, ")")


def _marked(readable: str, meant: str) -> Text:
    text = Text()
    gaps = []
    for piece in compare(readable, meant).typed:
        gaps += [len(text)] if piece.kind == "lost" else []
        text.append(piece.text, style=TYPED_STYLES.get(piece.kind, ""))
    for gap in gaps:
        text.stylize(LOST_STYLE, max(0, gap - 1), gap + 1)
    return text


def meant_text(typed: str, meant: str) -> Text:
    """The intended domain, with the letters marked that are missing or different in the typed one."""
    text = Text()
    for piece in compare(readable_domain(typed), meant).meant:
        text.append(clean(piece.text), style=MEANT_STYLES.get(piece.kind, ""))
    return text


def title_text(view: AlertView) -> Text:
    """The title with its first mistaken domain marked; appended in brackets if the title doesn't contain it."""
    title = clean(view.title)
    if not view.domain:
        return Text(title)
    marked = typed_text(view.domain, view.intended)
    found = _find_domain(clean(view.domain), title)
    if found is None:
        return Text.assemble(title, " (", marked, ")")
    text = Text.assemble(title[: found.start()], marked)
    intended = _find_domain(clean(view.intended), title, found.end())
    if intended is None:
        return text.append(title[found.end() :])
    text.append(title[found.end() : intended.start()])
    return text.append_text(meant_text(view.domain, view.intended)).append(title[intended.end() :])


def _find_domain(domain: str, title: str, start: int = 0) -> re.Match[str] | None:
    """First place where the domain is a whole word, not part of another domain or of an address."""
    return re.compile(rf"(?<![\w.@-]){re.escape(domain)}(?![\w-]|\.\w)").search(title, start)


def alert_table(views: Iterable[AlertView], console: Console, *, header: bool = True) -> Table:
    """Table of alerts, as wide as the console: 80 columns suffice, from 110 on it also has slip and rule."""
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
        slip_and_rule = [view.slip, view.rule] if wide else []
        table.add_row(
            time_text(shown_ms(view)),
            severity_text(view.severity),
            count_text(view),
            title_text(view),
            *(Text(clean(part)) for part in slip_and_rule),
            state_text(view),
        )
    return table


def hit_table(hits: Iterable[TypoHit], console: Console, *, header: bool = True) -> Table:
    """Table of typo hits: sender, recipients with the slip marked, delivery status and message id."""
    wide = console.width >= WIDE
    table = _table(console, header)
    table.add_column("time UTC", width=11, no_wrap=True)
    table.add_column("from", ratio=3, overflow="fold")
    table.add_column("to", ratio=4, overflow="fold")
    if wide:
        table.add_column("intended", ratio=2, overflow="fold")
    table.add_column("delivery", width=9, no_wrap=True)
    table.add_column("message id", ratio=3, overflow="fold")
    for hit in hits:
        table.add_row(
            time_text(hit.time),
            Text(clean(hit.sender)),
            recipients_text(hit),
            *([meant_text(hit.domain, hit.intended)] if wide else []),
            Text(clean(hit.asked or hit.delivery)),
            Text(clean(hit.mail)),
        )
    return table


def recipients_text(hit: TypoHit) -> Text:
    """The first recipient with the slip in its domain marked, and the number of further ones."""
    first = hit.recipients[0] if hit.recipients else ""
    local, _, _ = first.rpartition("@")
    marked = typed_text(hit.domain, hit.intended)
    address = Text.assemble(clean(local), "@", marked) if local else marked
    more = hit.recipient_count - 1
    return Text.assemble(address, f" and {more} more") if more > 0 else address


def total_line(number: int, noun: str) -> Text:
    """Number of rows, as the last line below a table."""
    return Text(counted(number, noun), style="dim")


def _table(console: Console, header: bool) -> Table:
    return Table(
        box=None, padding=(0, 1, 0, 0), pad_edge=False, show_header=header, header_style="bold", width=console.width
    )
