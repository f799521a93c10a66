"""What a change of the watchlist changes, as JSON and as a table."""

from __future__ import annotations

from typing import Any

from rich.table import Table
from rich.text import Text

from streams.counted import counted
from streams.detection.watchlist_diff import Difference
from streams.domains.verdict import Verdict
from streams.events.safe_text import clean


def difference_row(one: Difference) -> dict[str, Any]:
    """The difference as JSON."""
    return {
        "domain": one.domain,
        "change": one.change,
        "mails": one.mails,
        "senders": len(one.senders),
        "old": None if one.old is None else one.old._asdict(),
        "new": None if one.new is None else one.new._asdict(),
    }


def difference_table(found: list[Difference]) -> Table:
    """A row for each difference."""
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
