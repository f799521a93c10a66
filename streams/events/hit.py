"""A typo hit: one mail event x one mistaken domain, with the recipients concerned."""

from __future__ import annotations

import msgspec

RECIPIENTS_KEPT = 100
"""A hit names at most so many recipients; `recipient_count` tells how many there were."""


class TypoHit(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Same content at each repeat of its mail event, score and explanation aside (a watchlist may have changed).

    `time` is integer milliseconds since the epoch (the event's). `delivery` is that of the recipients concerned taken
    together. `sender` and `recipients` are as the privacy settings say; `sender_digest` is the HMAC of the normalised
    sender (32 hex digits), whatever those settings. `group` is the watched domain's group, `listed` is true where the
    watchlist names the domain as a known mistake.
    """

    id: str
    event_id: str
    time: int
    sender: str
    domain: str
    intended: str
    recipients: list[str]
    recipient_count: int
    score: float
    certain: bool
    slip: str
    explanation: str
    sender_digest: str
    delivery: str = "unknown"
    message_id: str | None = None
    labels: list[str] = []
    size: int | None = None
    attachment_count: int | None = None
    source: str | None = None
    subject: str | None = None
    group: str | None = None
    listed: bool = False

    @property
    def mail(self) -> str:
        """What is counted: the message id, or the event's id where there is none."""
        return self.message_id or self.event_id


class Tick(msgspec.Struct, frozen=True, gc=False):
    """The watermarks of the source partitions that one worker holds, sent to each partition of the hit topics.

    `tick` maps a partition of mail.events to integer milliseconds since the epoch; `of` is how many there are in all.
    """

    tick: dict[str, int]
    of: int
