"""What a batch led to."""

from dataclasses import dataclass, field

from streams.events.alert import Alert
from streams.events.hit import TypoHit
from streams.findings.log.records import Record

EVIDENCES_TOLD = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a part of a batch led to. Deliver the records, and then the alerts, which rest on them.

    `late` counts the hits whose window's state was dropped before.
    """

    records: list[Record]
    alerts: list[Alert]
    late: int = 0


@dataclass(slots=True)
class Turn:
    """An outcome in the making.

    `offset` is that of the batch's last record; all hits up to `accounted` have led to what they lead to when it is
    delivered. `touched` has the slots that may have changed, with hits that changed them, `known` hits that did not;
    `renamed` those whose names changed; `alerted` those that have an alert in this outcome.
    """

    offset: int
    accounted: int
    records: list[Record] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    touched: dict[bytes, list[TypoHit]] = field(default_factory=dict)
    known: dict[bytes, list[TypoHit]] = field(default_factory=dict)
    renamed: set[bytes] = field(default_factory=set)
    alerted: set[bytes] = field(default_factory=set)
    late: int = 0
    ticked: bool = False
    became_final: bool = False

    def touch(self, key: bytes, hit: TypoHit, *, changed: bool) -> None:
        """A hit came to a slot."""
        self.touched.setdefault(key, [])
        hits = self.touched[key] if changed else self.known.setdefault(key, [])
        if len(hits) < EVIDENCES_TOLD and all(told.id != hit.id for told in hits):
            hits.append(hit)

    def evidence(self, key: bytes) -> list[TypoHit]:
        """The hits that are told: those that changed the slot; when they are read again none does, and all are told."""
        return self.touched.get(key) or self.known.get(key) or []
