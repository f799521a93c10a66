"""A gate over a small watchlist whose decisions are kept in memory, and whose clock is set by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

from streams.domains.scorer import Scorer
from streams.domains.settings import ScorerSettings
from streams.events.mail import MailEvent
from streams.events.privacy import Privacy
from streams.gate.answer_counts import FAULT
from streams.gate.confirmations import Confirmations, StoredRecord
from streams.gate.digests import GateDigests
from streams.gate.find_slips import SlipFinder
from streams.gate.gate import Gate
from streams.gate.inputs import GateInputs
from streams.gate.question import FAULTS, GATE_PROTOCOLS, WHYS, Answer, Question
from streams.gate.settings import GateSettings
from streams.gate.store import NotStoredError
from streams.kafka.settings import KafkaSettings
from streams.memory.memory import Memory
from streams.metrics import GateMetrics, Metrics
from streams.networks import LOOPBACK
from tests.detection.samples import WATCHLIST

T = TypeVar("T")

PRIVACY = Privacy(b"a key of the tests")
START_MS = 1_780_000_000_000
SECOND, MINUTE = 1_000, 60_000


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def gate_metrics(metrics: Metrics) -> GateMetrics:
    decisions = [FAULT, *(why for why in WHYS if why not in FAULTS)]
    return GateMetrics(metrics, protocols=GATE_PROTOCOLS, decisions=decisions, faults=FAULTS)


def inputs_of(memory: Memory | None = None, **own: Any) -> GateInputs:
    return GateInputs(
        kafka=KafkaSettings(),
        own=GateSettings(**{"mode": "confirm", "deadline": "1s", **own}),
        watchlist=Path("watchlist.yaml"),
        scorer=ScorerSettings(),
        own_domains=("mod.gov.uk",),
        own_networks=LOOPBACK,
        privacy=PRIVACY,
        memory=memory,
        others={"brokers": "localhost:9092"},
    )


class MemoryStore:
    """A DecisionStore in memory. `fails` makes it refuse records; while `is_open` isn't set nothing is acknowledged."""

    def __init__(self, confirmations: Confirmations, now_ms: Any) -> None:
        self.confirmations, self._now_ms = confirmations, now_ms
        self.problem: str | None = None
        self.fails = False
        self.is_open = asyncio.Event()
        self.is_open.set()
        self.stored: list[StoredRecord] = []
        self.published: list[MailEvent] = []

    async def put(self, records: Sequence[StoredRecord]) -> None:
        if self.fails:
            raise NotStoredError("the disk is full")
        await self.is_open.wait()
        self.put_later(records)

    def put_later(self, records: Sequence[StoredRecord]) -> None:
        for key, value in list(records):
            self.stored.append((key, value))
            self.confirmations.take(key, value, now_ms=self._now_ms())

    def publish(self, event: MailEvent) -> None:
        self.published.append(event)

    async def run(self) -> None:
        await asyncio.Event().wait()


class Trial:
    """A gate, what it stands on, and the time."""

    def __init__(
        self, *, has_watchlist: bool = True, memory: Memory | None = None, has_memory: bool = True, **own: Any
    ) -> None:
        inputs = inputs_of(memory, **own)
        self.now_ms = START_MS
        self.metrics = Metrics("test")
        self.gate_metrics = gate_metrics(self.metrics)
        self.has_memory, self.has_client = has_memory, True
        self.slips = SlipFinder(PRIVACY, self.metrics, memory, lambda: self.has_memory)
        if has_watchlist:
            self.slips.use(Scorer(WATCHLIST, ScorerSettings()))
        self.store = MemoryStore(Confirmations(60 * MINUTE, 30 * 24 * 60 * MINUTE), lambda: self.now_ms)
        self.gate = Gate(
            inputs.rules(), self.slips, self.store, GateDigests(PRIVACY.key), self.gate_metrics, lambda: self.now_ms
        )

    async def why(self, question: Question, *, after_ms: int = 0) -> str:
        """Why the only recipient passes or is refused, so much later."""
        [answer] = await self.ask(question, after_ms=after_ms)
        return answer.why

    async def ask(self, question: Question, *, after_ms: int = 0) -> list[Answer]:
        self.now_ms += after_ms
        delivered: list[Answer] = []

        def deliver(answers: list[Answer]) -> bool:
            delivered.extend(answers)
            return self.has_client

        await self.gate.ask(question, deliver)
        return delivered

    def tell(self, other: Trial, *, ahead_ms: int = 0) -> Trial:
        """Let another gate, whose clock is ahead by so much, read now what this one has stored; returns it."""
        other.now_ms = self.now_ms + ahead_ms
        other.store.put_later(self.store.stored)
        return other

    @property
    def labels(self) -> list[list[str] | None]:
        """The labels of what was published."""
        return [event.labels for event in self.store.published]

    def sample(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(f"straymail_gate_{name}", labels)
