"""The outcome of a batch: state records and alerts to deliver."""

from dataclasses import dataclass, field

from streams.events.alert import Alert
from streams.events.finding import FindingState
from streams.events.hit import TypoHit
from streams.findings.log.records import Record

MAX_EVIDENCES = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a batch, or of a part of it. The records must be delivered before the alerts that they describe.

    `late` counts the hits whose window's state had been dropped, `repeated` those of them that were counted before.
    """

    records: list[Record]
    alerts: list[Alert]
    late: int = 0
    repeated: int = 0


@dataclass(slots=True)
class OutcomeBuilder:
    """An outcome under construction.

    `offset` is that of the batch's last record. Once the outcome is delivered, all hits up to `accounted_offset` have
    had their effect. `states` are those of findings that alerts publish. `to_evaluate` has the windows that may have an
    alert due, each with hits that changed it, and `unchanged` hits that changed nothing. `grown` are the windows that
    hits changed and those after them, with the elapsed time of the first change; `renamed` are those whose names
    changed, `alerted` those with an alert in this outcome.
    """

    offset: int
    accounted_offset: int
    records: list[Record] = field(default_factory=list)
    states: list[FindingState] = field(default_factory=list)
    to_evaluate: dict[bytes, list[TypoHit]] = field(default_factory=dict)
    unchanged: dict[bytes, list[TypoHit]] = field(default_factory=dict)
    grown: dict[bytes, int] = field(default_factory=dict)
    renamed: set[bytes] = field(default_factory=set)
    alerted: set[bytes] = field(default_factory=set)
    late: int = 0
    repeated: int = 0
    has_tick: bool = False
    became_final: bool = False

    def add_hit(self, key: bytes, hit: TypoHit, *, changed: bool) -> None:
        """Have a window evaluated because of a hit; `changed` is whether the hit changed it."""
        self.to_evaluate.setdefault(key, [])
        hits = self.to_evaluate[key] if changed else self.unchanged.setdefault(key, [])
        if len(hits) < MAX_EVIDENCES and all(known.id != hit.id for known in hits):
            hits.append(hit)

    def evidence(self, key: bytes) -> list[TypoHit]:
        """The hits that an alert shows: those that changed the window, or all if none did, as after a restart."""
        return self.to_evaluate.get(key) or self.unchanged.get(key) or []
