"""A worker that runs a PartitionState: with a log, a state topic, commits that lag, and crashes anywhere."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from streams.events.alert import Alert
from streams.events.alert_view import AlertView, read_alert
from streams.events.hit import Tick, TypoHit
from streams.findings.log.records import Record
from streams.findings.outcome import Outcome
from streams.findings.rules import FindingPolicy, GroupBy
from streams.findings.state import PartitionState
from streams.findings.store.digests import Digests

T = TypeVar("T")
DIGESTS = Digests(b"tests")


class CrashError(Exception):
    """The worker crashed."""


@dataclass
class Worker:
    """One partition's log of hits and ticks, state topic and alerts. `chance` is that of a crash at each step."""

    policy: FindingPolicy
    log: Sequence[TypoHit | Tick]
    group_by: GroupBy = "sender"
    seed: int = 0
    chance: float = 0.0
    largest_batch: int = 40
    topic: list[Record] = field(default_factory=list)
    sent: list[Alert] = field(default_factory=list)
    committed: int = 0
    late: int = 0
    first_sequence: int = 1
    may_be_lost: bool = False

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.state = self.load()

    def load(self) -> PartitionState:
        """Restore the state, as when the partition is assigned to the worker."""
        if self.random.random() < 0.5:
            self.topic = compacted(self.topic)
        state = PartitionState.load(
            self.policy, DIGESTS, self.group_by, self.topic, self.committed, first_sequence=self.first_sequence
        )
        assert state.loss is None or self.may_be_lost, state.loss
        return state

    def run(self) -> "Worker":
        """Read the log to its end, however often the worker crashes."""
        while self.committed < len(self.log):
            try:
                self.read()
            except CrashError:
                self.state = self.load()
        return self

    def read(self) -> None:
        """Read on from the committed offset."""
        at = self.committed
        while at < len(self.log):
            batch = self.log[at : at + self.random.randint(1, self.largest_batch)]
            at += len(batch)
            self.take(batch, at - len(batch))
            if at == len(self.log) or self.random.random() < 0.4:
                self.committed = at

    def take(self, batch: Sequence[TypoHit | Tick], first_offset: int) -> None:
        """Apply one batch."""
        for outcome in self.state.apply(batch, first_offset=first_offset, last_offset=first_offset + len(batch) - 1):
            self.deliver(outcome)

    def deliver(self, outcome: Outcome) -> None:
        """Deliver the records, then the alerts."""
        self.late += outcome.late
        self._deliver(self.topic, outcome.records)
        self._deliver(self.sent, outcome.alerts)

    def _deliver(self, topic: list[T], sent: list[T]) -> None:
        if self.random.random() < self.chance:
            topic.extend(sent[: self.random.randint(0, len(sent))])
            raise CrashError
        topic.extend(sent)

    def views(self) -> list[AlertView]:
        """The alerts that were sent, decoded."""
        return [read_alert(alert.value) for alert in self.sent]


def compacted(records: Sequence[Record]) -> list[Record]:
    """The last record of each key, in the order of the topic, without tombstones."""
    last = {key: at for at, (key, _) in enumerate(records)}
    return [record for at, record in enumerate(records) if last[record[0]] == at and record[1] is not None]
