"""Mail events for tests of the memory."""

from __future__ import annotations

from typing import Any

from streams.events.mail import MailEvent
from streams.memory.memory import DAY_MS
from tests.memory.facts import DAY


def mail(sender: str, *recipients: str, day: int = 0, delivery: Any = "delivered", **fields: Any) -> MailEvent:
    """A mail of a day, counted from DAY."""
    time = (DAY + day) * DAY_MS + 9 * 3_600_000
    return MailEvent(
        id=f"{day} {sender} {recipients}",
        time=time,
        sender=sender,
        recipients=[*recipients],
        delivery=delivery,
        **fields,
    )
