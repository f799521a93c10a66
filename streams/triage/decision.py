"""A person's decision on a finding, and its record in mail.triage.

A record has the whole of what is decided of its finding, so that the last one is enough. It keeps how much of the
finding the person had seen: whether later mail opens it again can then be derived by every reader, and nobody has to
write that it did.
"""

from __future__ import annotations

from typing import Annotated, Protocol

import msgspec

from streams.errors import UnreadableRecord
from streams.events.decode_errors import DECODER_ERRORS
from streams.triage.status import TriageStatus

LONGEST_USER = 200
LONGEST_NOTE = 500
FindingUid = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")]
User = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_USER)]
Note = Annotated[str, msgspec.Meta(max_length=LONGEST_NOTE)]
Whole = Annotated[int, msgspec.Meta(ge=0)]


class SeenFinding(Protocol):
    """What a decision needs to know of its finding: its mails (or senders), the time of the last mail (ms since the
    epoch), and how many mistaken domains it has."""

    @property
    def uid(self) -> str: ...
    @property
    def count(self) -> int: ...
    @property
    def last_seen_ms(self) -> int: ...
    @property
    def domain_count(self) -> int: ...


class TriageDecision(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What a person has decided on a finding. Names are OCSF's where it has one.

    `time` is when, `last_seen_time` the time of the last mail then (ms since the epoch); `count` and `domain_count` are
    the finding's then. `user` has decided; `assignee` works on it. `comment` is their note, in one line.
    """

    finding_uid: FindingUid
    time: Whole
    user: User
    status_id: TriageStatus
    count: Whole
    last_seen_time: Whole
    domain_count: Whole
    assignee: User | None = None
    comment: Note = ""
    status: str = ""
    """OCSF's caption of `status_id`, for readers of the topic."""


_decode = msgspec.json.Decoder(TriageDecision).decode
_encode = msgspec.json.Encoder().encode


def triage_record(decision: TriageDecision) -> tuple[bytes, bytes]:
    """Key and value of the decision's record: the finding's uid, and JSON as schemas/triage.json describes it."""
    return decision.finding_uid.encode(), _encode(decision)


def read_decision(value: bytes) -> TriageDecision:
    """The decision in a record's value. Raises UnreadableRecord."""
    try:
        return _decode(value)
    except DECODER_ERRORS as error:
        raise UnreadableRecord("not-a-decision", f"not a decision of straymail's: {error}") from error
