"""The score step: mail events in, typo hits and dead letters out. It is stateless, apart from a cache of verdicts by
domain."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from streams import clock
from streams.detection.build_hits import Place
from streams.detection.detector import Detector
from streams.detection.own_mail import OwnMail
from streams.detection.score_events import IsReceived, ScoredBatch, Slip, nobody_receives, score_in_slices
from streams.events.dns_facts import DnsFacts
from streams.events.hit import TypoHit, encode_hit
from streams.kafka.clients.async_producer import AsyncProducer, PendingAcks
from streams.kafka.dataplane.batch import Batch
from streams.kafka.dataplane.settled_offset import CommitNote
from streams.metrics import OTHER, Metrics
from streams.service.memory_topic import MemoryTopic
from streams.worker.dead_letters import DeadLetters
from streams.worker.watermarks import SourceProgress

HITS_AT_ONCE = 500
"""After this many hits the step yields to the event loop: building and queueing one takes some 30 us."""


AskDns = Callable[[Iterable[str]], Awaitable[Mapping[str, DnsFacts]]]
"""Returns within a fraction of a second what DNS says of mistaken domains, as far as it is known."""


@dataclass(frozen=True)
class HitTopics:
    """The two hit topics: they carry the same hits, keyed by sender and by mistaken domain."""

    by_sender: str
    by_domain: str


class ScoreStep:
    """Scores batches of mail.events and publishes their hits to both hit topics."""

    def __init__(
        self,
        detector: Detector,
        producer: AsyncProducer,
        topics: HitTopics,
        dead_letters: DeadLetters,
        progress: SourceProgress,
        metrics: Metrics,
        *,
        is_own_mail: OwnMail,
        domain_key: Callable[[str], str],
        sources: frozenset[str],
        history: bool,
        now_ms: Callable[[], int],
        is_received: IsReceived = nobody_receives,
        memory: MemoryTopic | None = None,
        ask_dns: AskDns | None = None,
    ) -> None:
        """Set up. `memory` gets what the detector's memory has learned, also from mail that passes `is_received`; it is
        None where the detector has none. `now_ms` gives the present (ms since the epoch)."""
        self._detector, self._producer, self._topics = detector, producer, topics
        self._dead_letters, self._progress, self._metrics = dead_letters, progress, metrics
        self._is_own_mail, self._domain_key = is_own_mail, domain_key
        self._sources, self._history = sources, history
        self._is_received, self._memory = is_received, memory
        self._ask_dns, self._now_ms = ask_dns, now_ms

    async def __call__(self, batch: Batch) -> None:
        """Score a batch, pass its hits, dead letters and what it teaches to the producer and ack it; its offsets are
        committed once the broker has acknowledged them."""
        begin = clock.monotonic()
        now_ms = self._now_ms()
        scored = await self._score(batch.values, now_ms=None if self._history else now_ms)
        pending = self._producer.pending_acks()
        await self._publish_all(batch, scored.slips, await self._facts(scored.slips), pending)
        if scored.learned and self._memory is not None:
            await self._memory.write(scored.learned, batch.partition, pending)
        for index, error in scored.unreadable:
            await self._dead_letters.send(batch, index, error, pending)
        self._progress.advance(batch.partition, scored.newest_ms)
        events = len(batch)
        newest_ms = scored.newest_ms
        batch.ack(pending, None if newest_ms is None else CommitNote("newest_ms", newest_ms))
        self._measure_events(scored, now_ms=now_ms)
        self._measure_work(events, seconds=clock.monotonic() - begin)

    async def _score(self, values: Sequence[bytes | None], *, now_ms: int | None) -> ScoredBatch:
        """Score the values, yielding to the event loop between slices, so that heartbeats and count can run."""
        scored = ScoredBatch()
        for _ in score_in_slices(
            scored, values, self._detector, self._is_own_mail, now_ms=now_ms, is_received=self._is_received
        ):
            await asyncio.sleep(0)
        return scored

    async def _facts(self, slips: Sequence[Slip]) -> Mapping[str, DnsFacts]:
        """What DNS says of the mistaken domains of a batch, as far as it is known in time."""
        if self._ask_dns is None or not slips:
            return {}
        domains = {typo.verdict.domain for slip in slips for typo in slip.typos.values()}
        facts = await self._ask_dns(domains)
        self._metrics.dns_facts.labels("known").inc(len(facts))
        self._metrics.dns_facts.labels("unknown").inc(len(domains) - len(facts))
        return facts

    async def _publish_all(
        self, batch: Batch, slips: Iterable[Slip], facts: Mapping[str, DnsFacts], pending: PendingAcks
    ) -> None:
        hits: list[TypoHit] = []
        for slip in slips:
            place = Place(batch.partition, batch.offset(slip.at))
            hits += [_with_facts(hit, facts) for hit in self._detector.hits(slip.event, slip.typos, place)]
            if len(hits) >= HITS_AT_ONCE:
                await self._publish(hits, pending)
                await asyncio.sleep(0)
                hits = []
        if hits:
            await self._publish(hits, pending)

    async def _publish(self, hits: list[TypoHit], pending: PendingAcks) -> None:
        values = list(map(encode_hit, hits))
        senders = [hit.sender_digest.encode() for hit in hits]
        domains = [self._domain_key(hit.domain).encode() for hit in hits]
        await self._producer.send_all(self._topics.by_sender, zip(senders, values, strict=True), pending=pending)
        await self._producer.send_all(self._topics.by_domain, zip(domains, values, strict=True), pending=pending)
        for slip, number in Counter(hit.slip for hit in hits).items():
            self._metrics.typo_hits.labels(slip).inc(number)
        for known_to, number in Counter(hit.memory.known_to or "nobody" for hit in hits if hit.memory).items():
            self._metrics.memory_asked.labels(known_to).inc(number)

    def _measure_events(self, scored: ScoredBatch, *, now_ms: int) -> None:
        metrics = self._metrics
        metrics.events.labels("scored").inc(scored.scored)
        metrics.events.labels("bounce").inc(scored.bounces)
        metrics.events.labels("not-ours").inc(scored.not_ours)
        metrics.events.labels("unreadable").inc(len(scored.unreadable))
        metrics.events.labels("not-a-domain").inc(scored.not_domains)
        for source, newest_ms in scored.newest_ms_by_source.items():
            metrics.newest_event(source if source in self._sources else OTHER, newest_ms)
        if scored.newest_ms is not None:
            metrics.event_age.observe(max(0, now_ms - scored.newest_ms) / 1000)

    def _measure_work(self, events: int, *, seconds: float) -> None:
        metrics, counts = self._metrics, self._detector.take_counts()
        metrics.batch_events.labels("score").observe(events)
        metrics.batch_seconds.labels("score").observe(seconds)
        metrics.recipients_not_domains.inc(counts.not_domains)
        metrics.domains_over_limit.inc(counts.domains_over_limit)
        metrics.domains_scored.labels("miss").inc(counts.not_cached)
        metrics.domains_scored.labels("hit").inc(counts.recipients - counts.not_cached)
        for took in counts.score_seconds:
            metrics.score.observe(took)


def _with_facts(hit: TypoHit, facts: Mapping[str, DnsFacts]) -> TypoHit:
    found = facts.get(hit.domain)
    return hit if found is None else msgspec.structs.replace(hit, dns=found)
