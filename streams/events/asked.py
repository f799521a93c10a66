"""What the gate asked a sender about, and what came of it, as the pipeline learns it.

The gate publishes an ordinary mail event for each recipient that it refuses: `source` is GATE_SOURCE, `delivery` is
`rejected`, and `labels` is `["asked"]`. What comes of it is one more event of the same mail and time, with the labels
`["asked", "confirmed"]` or `["asked", "corrected"]`. A reader that knows nothing of the gate takes both for mail that
was refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple, get_args

from streams.events.mail import MailEvent

GATE_SOURCE = "gate"
"""The `source` of the gate's events. Only there do the labels mean this: those of other feeds quote headers of mail."""

REPLY_MARK = "[straymail]"
"""What each reply of the gate begins with: in the logs of mail servers it marks refusals that the gate publishes."""

AskedOutcome = Literal["asked", "confirmed", "corrected"]
"""The sender was asked; was asked and confirmed; was asked and wrote to the intended domain instead."""
OUTCOMES: tuple[AskedOutcome, ...] = get_args(AskedOutcome)
"""In this order: a later one replaces one before it."""


class AskedCounts(NamedTuple):
    """The number of mails that senders were asked about, and of those that were confirmed, and corrected."""

    asked: int = 0
    confirmed: int = 0
    corrected: int = 0


NOTHING_ASKED = AskedCounts()


def labels_of(outcome: AskedOutcome) -> list[str]:
    """The labels of the gate's event."""
    return ["asked"] if outcome == "asked" else ["asked", outcome]


def asked_outcome(event: MailEvent) -> AskedOutcome | None:
    """What an event of the gate says came of its question; None for mail."""
    if event.source != GATE_SOURCE or not event.labels or "asked" not in event.labels:
        return None
    return latest_outcome(outcome for outcome in OUTCOMES if outcome in event.labels)


def latest_outcome(outcomes: Iterable[AskedOutcome]) -> AskedOutcome | None:
    """What came of a question in the end, of several reports on it; None if there are none."""
    return max(outcomes, key=OUTCOMES.index, default=None)
