"""The score step: mail events in, typo hits and dead letters out. Stateless; each distinct domain is scored once and
cached."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from streams import clock
from streams.detection.detector import Judge
from streams.errors import UnreadableRecord
from streams.events.hit import TypoHit, encode_hit
from streams.events.mail import MailEvent, decode
from streams.kafka.clients.async_producer import Delivery, Producer
from streams.kafka.dataplane.batch import Batch
from streams.metrics import OTHER, Metrics
from streams.worker.dead_letters import DeadLetters
from streams.worker.watermarks import Progress


@dataclass
class Scored:
    """What one batch gave; times are ms since the epoch, `unreadable` has the index of the record in the batch."""

    hits: list[TypoHit] = field(default_factory=list)
    unreadable: list[tuple[int, UnreadableRecord]] = field(default_factory=list)
    bounces: int = 0
    not_ours: int = 0
    newest_ms: int | None = None
    newest_by_source: dict[str | None, int] = field(default_factory=dict)


@dataclass(frozen=True)
class HitTopics:
    """The same hits under two keys: by sender, and by mistaken domain."""

    by_sender: str
    by_domain: str


class ScoreStep:
    """Scores batches of mail.events and publishes their hits under both keys."""

    def __init__(
        self,
        judge: Judge,
        producer: Producer,
        topics: HitTopics,
        dead_letters: DeadLetters,
        progress: Progress,
        metrics: Metrics,
        *,
        is_ours: Callable[[MailEvent], bool] | None,
        domain_key: Callable[[str], str],
        sources: frozenset[str],
        history: bool,
    ) -> None:
        self._judge, self._producer, self._topics = judge, producer, topics
        self._dead_letters, self._progress, self._metrics = dead_letters, progress, metrics
        self._is_ours, self._domain_key, self._sources, self._history = is_ours, domain_key, sources, history

    async def __call__(self, batch: Batch) -> None:
        """Score a batch, hand what it gave to the producer and acknowledge it; the ledger waits for the broker."""
        begin = clock.monotonic()
        now_ms = clock.now_ms()
        scored = self.score(batch.values, now_ms=None if self._history else now_ms)
        batch.delivery = delivery = self._producer.delivery()
        if scored.hits:
            await self._publish(scored.hits, delivery)
        for index, error in scored.unreadable:
            await self._dead_letters.send(batch, index, error, delivery)
        self._progress.done(batch.partition, batch.last + 1, scored.newest_ms)
        batch.ack()
        self._measure(len(batch), scored, now_ms=now_ms, seconds=clock.monotonic() - begin)

    async def _publish(self, hits: list[TypoHit], delivery: Delivery) -> None:
        values = list(map(encode_hit, hits))
        senders = [hit.sender_digest.encode() for hit in hits]
        domains = [self._domain_key(hit.domain).encode() for hit in hits]
        await self._producer.send_all(self._topics.by_sender, zip(senders, values, strict=True), delivery=delivery)
        await self._producer.send_all(self._topics.by_domain, zip(domains, values, strict=True), delivery=delivery)

    def score(self, values: list[bytes | None], *, now_ms: int | None) -> Scored:
        """Decode and judge the values of a batch; `now_ms` is None where history is read."""
        scored = Scored()
        newest_by_source = scored.newest_by_source
        typos, is_ours = self._judge.typos, self._is_ours
        for index, value in enumerate(values):
            try:
                event = decode(value, now_ms=now_ms)
            except UnreadableRecord as error:
                scored.unreadable.append((index, error))
                continue
            time_ms: int = event.time  # type: ignore[assignment]  # once decoded it is ms
            source = event.source
            if time_ms > newest_by_source.get(source, 0):
                newest_by_source[source] = time_ms
            if event.is_bounce:
                scored.bounces += 1
            elif is_ours is not None and not is_ours(event):
                scored.not_ours += 1
            elif verdicts := typos(event):
                scored.hits += self._judge.hits(event, verdicts)
        scored.newest_ms = max(newest_by_source.values(), default=None)
        return scored

    def _measure(self, events: int, scored: Scored, *, now_ms: int, seconds: float) -> None:
        metrics = self._metrics
        bad = len(scored.unreadable)
        metrics.events.labels("scored").inc(events - bad - scored.bounces - scored.not_ours)
        metrics.events.labels("bounce").inc(scored.bounces)
        metrics.events.labels("not-ours").inc(scored.not_ours)
        metrics.events.labels("unreadable").inc(bad)
        for slip, hits in Counter(hit.slip for hit in scored.hits).items():
            metrics.typo_hits.labels(slip).inc(hits)
        for source, newest_ms in scored.newest_by_source.items():
            metrics.newest_event(source if source in self._sources else OTHER, newest_ms)
        if scored.newest_ms is not None:
            metrics.event_age.observe(max(0, now_ms - scored.newest_ms) / 1000)
        metrics.batch_events.labels("score").observe(events)
        metrics.batch_seconds.labels("score").observe(seconds)
        self._judge.measure(metrics)
