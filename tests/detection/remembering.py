"""A detector with a memory, and days of mail for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from streams.detection.detector import Detector
from streams.detection.own_mail import OwnMail, received_mail
from streams.detection.score_events import score_events
from streams.domains.scorer import Scorer
from streams.domains.thresholds import PlainThresholds
from streams.domains.watchlist.watchlist import Group, Watchlist
from streams.events.hit import TypoHit
from streams.events.mail import MailEvent, encode
from streams.events.privacy import Privacy
from streams.memory.lessons import LearningPolicy
from streams.memory.memory import DAY_MS, Memory, MemoryBounds
from streams.memory.memory_digests import MemoryDigests
from streams.severity import Severity

OWN = "corp.example"
ROSS, LEE = f"m.ross@{OWN}", f"lee@{OWN}"
START = 20_000
"""The first day of the mail, since the epoch."""
WATCHLIST = Watchlist(
    watched={
        "redriver-industries.com": None,
        "springfield.org": None,
        "lakeshore.net": "treaty",
        "umbrella-works.com": None,
    },
    allowed={},
    mistakes={"springfeld.org": "springfield.org"},
    groups={"treaty": Group(Severity.HIGH)},
)


def remembering(privacy: Privacy | None = None, *, persons: bool = True, now_ms: int | None = None) -> Detector:
    """A detector with an empty memory, and with a clock that stands still at `now_ms`."""
    memory = Memory(MemoryDigests(b"key"), LearningPolicy(persons), MemoryBounds(100_000, 10_000))
    clock = None if now_ms is None else lambda: now_ms
    return Detector(Scorer(WATCHLIST, PlainThresholds()), privacy or Privacy(b"key"), lambda: 0.0, memory, now_ms=clock)


def mail_on(day: int, sender: str, *recipients: str, **fields: Any) -> MailEvent:
    """A delivered mail of a day, counted from START."""
    event = {"delivery": "delivered", "id": f"{day} {sender} {recipients}", **fields}
    return MailEvent(time=(START + day) * DAY_MS + 9 * 3_600_000, sender=sender, recipients=[*recipients], **event)


def hits_of_mail(detector: Detector, events: Iterable[MailEvent]) -> list[TypoHit]:
    """The hits of these events, as a worker finds them."""
    batch = score_events(
        list(map(encode, events)), detector, OwnMail([OWN]), now_ms=None, is_received=received_mail([OWN])
    )
    return [hit for slip in batch.slips for hit in detector.hits(slip.event, slip.typos)]
