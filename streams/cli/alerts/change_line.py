"""One line for each change of a finding, as `straymail alerts --follow` shows it."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from streams.cli.shared.tables import count_text, meant_text, severity_text, shown_ms, state_text, time_text, typed_text
from streams.events.alert_view import AlertView
from streams.events.safe_text import clean

SHORTEST_SENDER = 8


def header_line() -> Text:
    """What stands in the columns of the lines below it."""
    return Text(
        f"{'time UTC':<12}{'severity':<9}{'mails':>5} sender > mistaken domain for intended one  window", style="bold"
    )


def change_line(view: AlertView, console: Console) -> Text:
    """Time, severity, count, sender, typed and intended domain, state; if too wide, the sender is cut first."""
    head = Text.assemble(time_text(shown_ms(view)), " ")
    head.append_text(_padded(severity_text(view.severity), 9)).append(f"{count_text(view):>5} ")
    tail = Text.assemble(" > ", typed_text(view.domain, view.intended), " for ")
    tail.append_text(meant_text(view.domain, view.intended))
    if view.domain_count > 1:
        tail.append(f" +{view.domain_count - 1}")
    tail.append("  ").append_text(state_text(view))
    sender = Text(_senders(view))
    sender.truncate(max(SHORTEST_SENDER, console.width - head.cell_len - tail.cell_len), overflow="ellipsis")
    line = Text.assemble(head, sender, tail, no_wrap=True)
    line.truncate(console.width, overflow="ellipsis")
    return line


def _senders(view: AlertView) -> str:
    if view.sender:
        return clean(view.sender)
    if view.counts != "senders":
        return "all senders"
    return f"{'at least ' if view.may_grow else ''}{view.count:,} {clean(view.counts)}"


def _padded(text: Text, width: int) -> Text:
    text.append(" " * (width - text.cell_len), style="not reverse default on default")
    return text
