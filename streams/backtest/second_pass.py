"""The second pass of a backtest: judges the doubted events in the order of time, each by what was known the day
before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from streams.backtest.score import DAY_MS, BacktestBatch, NearMiss, ScoringPlan
from streams.backtest.sorted_records import SortedRecords
from streams.detection.own_mail import OwnMail, received_mail
from streams.detection.score_events import Slip, score_events
from streams.events.hit import TypoHit
from streams.memory.records import (
    BarredFacts,
    MemoryKind,
    MemoryRecord,
    pack,
    unpack_correspondent,
    unpack_person,
)

BATCH = 1_000
_EVENT = b"e"
"""Begins a record of an event; one of facts begins with its kind."""


class Judgement(NamedTuple):
    """The hits and near misses of some events, in the order of the events."""

    hits: list[TypoHit]
    near_misses: list[NearMiss]


def keep(records: SortedRecords, batch: BacktestBatch) -> None:
    """Keep for the second pass what the first has found in a batch: facts at the start of their last day."""
    records.add([(time_ms, _EVENT + value) for time_ms, value in batch.doubted])
    records.add([_kept(record) for record in batch.facts])


def judgements(records: Iterable[tuple[int, bytes]], plan: ScoringPlan) -> Iterator[Judgement]:
    """Judge the kept records, which are in the order of time."""
    return _Judge(plan).judge(records)


def _kept(record: MemoryRecord) -> tuple[int, bytes]:
    facts = record.facts
    if facts is None or isinstance(facts, BarredFacts):
        raise TypeError("a backtest erases nothing")
    packed = record.digest.to_bytes(8, "big") + pack(facts)
    return facts.last * DAY_MS, record.kind.encode() + packed.hex().encode()


class _Judge:
    def __init__(self, plan: ScoringPlan) -> None:
        settings = plan.settings
        self._typo = settings.scorer.typo
        self._privacy = settings.privacy.privacy()
        self._detector = plan.detector()
        self._is_own_mail = OwnMail(settings.own_domains)
        self._is_received = received_mail(settings.own_domains)

    def judge(self, records: Iterable[tuple[int, bytes]]) -> Iterator[Judgement]:
        waiting: list[bytes] = []
        for _, record in records:
            if record.startswith(_EVENT):
                waiting.append(record[1:])
                if len(waiting) >= BATCH:
                    yield self._events(waiting)
                    waiting = []
            else:
                if waiting:
                    yield self._events(waiting)
                    waiting = []
                self._learn(record)
        yield self._events(waiting)

    def _learn(self, record: bytes) -> None:
        kind, packed = MemoryKind(record[:1].decode()), bytes.fromhex(record[1:].decode())
        facts = unpack_person(packed[8:]) if kind is MemoryKind.PERSON else unpack_correspondent(packed[8:])
        if self._detector.memory is not None:
            self._detector.memory.merge(MemoryRecord(kind, int.from_bytes(packed[:8], "big"), facts))

    def _events(self, values: list[bytes]) -> Judgement:
        detector = self._detector
        batch = score_events(values, detector, self._is_own_mail, now_ms=None, is_received=self._is_received)
        detector.take_counts()
        judgement = Judgement([], [])
        for slip in batch.slips:
            self._add(slip, judgement)
        return judgement

    def _add(self, slip: Slip, judgement: Judgement) -> None:
        event = slip.event
        typos = {domain: typo for domain, typo in slip.typos.items() if typo.verdict.score >= self._typo}
        judgement.hits.extend(self._detector.hits(event, typos))
        mail, sender = event.message_id or event.id, self._privacy.mask_sender(event.sender)
        for domain, (verdict, _) in slip.typos.items():
            if domain not in typos:
                fields = (verdict.domain, verdict.intended or "", verdict.slip or "unknown", verdict.score)
                judgement.near_misses.append(NearMiss(*fields, mail, sender, event.time_ms))
