"""One worker: the Faust app, and all components connected to it."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NoReturn

from faust import Worker
from mode.loop import use

import streams
from streams import clock
from streams.config import Settings
from streams.detection.detector import Detector
from streams.detection.own_mail import OwnMail, received_mail
from streams.detection.score_events import nobody_receives
from streams.dns.settings import DnsSettings
from streams.domains.scorer import Scorer
from streams.domains.verdict import SLIPS
from streams.errors import StraymailError
from streams.events.finding import ACTIVITIES
from streams.events.hit import Tick, encode_tick
from streams.events.reasons import Reason
from streams.findings.finding_policy import DOMAIN_CACHE_SIZE, finding_policy
from streams.findings.rules import GroupBy
from streams.findings.sequence import first_sequence
from streams.findings.state import PartitionState
from streams.findings.store.digests import Digests
from streams.findings.store.unpacked_budget import UnpackedBudget
from streams.kafka.clients.async_producer import AsyncProducer
from streams.kafka.clients.read import read_keyed_to_end
from streams.kafka.clients.table import read_table
from streams.kafka.dataplane.assignment import Assignment
from streams.kafka.dataplane.faust_app import faust_app
from streams.kafka.dataplane.fetcher import OffsetGap
from streams.kafka.dataplane.transport import DataPlane
from streams.kafka.partition import Partition
from streams.kafka.security import librdkafka_config
from streams.kafka.topics.admin import partition_counts
from streams.kafka.topics.names import DEAD_LETTER_EXTRA_BYTES, state_topic_of, topic_names
from streams.kafka.topics.watch import CHECK_SECONDS as TOPIC_CHECK_SECONDS
from streams.kafka.topics.watch import TopicWatch
from streams.memory.memory import Memory
from streams.memory.replica import Replica
from streams.metrics import Metrics
from streams.service.background import every, guarded
from streams.service.health import add_pages
from streams.service.memory_topic import MAINTAIN_SECONDS, MemoryTopic
from streams.service.watchlist_reload import CHECK_SECONDS, WatchlistReload, load_scorer
from streams.severity import SEVERITIES
from streams.worker.agents import AgentHooks, add_count_agent, add_score_agent
from streams.worker.broker_clock import BrokerClock
from streams.worker.count_step import CountStep
from streams.worker.dead_letters import DeadLetters
from streams.worker.gauges import GAUGE_SECONDS, Gauges
from streams.worker.readiness import Readiness
from streams.worker.restore import RestorePoint, StateRestore, wait_for_answer
from streams.worker.score_step import HitTopics, ScoreStep
from streams.worker.ticks import TICK_SECONDS, TickPublisher
from streams.worker.watermarks import SourceProgress

if TYPE_CHECKING:
    from streams.dns.lookup import Lookup

log = logging.getLogger(__name__)


class Pipeline:
    """One worker: the Faust app and its components.

    Its topics must exist. The constructor raises BrokerError, ConfigurationError or WatchlistError.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings, self.names = settings, topic_names(settings)
        self.metrics = Metrics(streams.__version__)
        self.privacy = settings.privacy.privacy()
        self._state_topics = state_topic_of(settings)
        self._partition_counts = partition_counts(settings, self.names.of_workers)  # fails here if Kafka refuses us
        librdkafka = {**librdkafka_config(settings), "logger": logging.getLogger("librdkafka")}
        self.producer = AsyncProducer(librdkafka, on_failure=self.metrics.delivery_failures.inc)
        scorer = load_scorer(settings.watchlist_path, settings.scorer, self.metrics)
        self.memory = settings.memory(is_kept=True)
        self.detector = Detector(scorer, self.privacy, clock.monotonic, self.memory, now_ms=self._now_ms)
        self.policy = finding_policy(settings.findings, self.detector.watchlist, settings.own_domains)
        self._digests, self._unpacked_budget = Digests(self.privacy.key), UnpackedBudget()
        self.progress = SourceProgress()
        hit_topics = frozenset(self._state_topics)
        self.app = faust_app(
            settings,
            DataPlane(librdkafka, hit_topics, self._on_gaps, self._on_stale, self._crash),
            group_id=settings.group_id,
            instance_id=settings.instance_id,
            web_host=settings.web.host,
            web_port=settings.web.port,
        )
        self.assignment = Assignment(self.app)
        self.readiness = Readiness(self.producer)
        self._lookup = _lookup(settings.dns)
        self._started = self._was_ready = False
        self._crashing: asyncio.Future[None] | None = None
        self._known_ends: dict[Partition, int] = {}
        self._build_steps()
        self._connect()
        self.metrics.start_at_zero(
            rules=[rule.name for rule in self.policy.rules],
            severities=SEVERITIES,
            activities=ACTIVITIES.values(),
            slips=SLIPS,
            reasons=Reason,
            sources=settings.sources,
            topics=[self.names.events, *self._state_topics],
        )

    def _build_steps(self) -> None:
        settings, names, metrics = self.settings, self.names, self.metrics
        state_topics, partition_counts = self._state_topics, self._partition_counts
        dead_letters = DeadLetters(
            self.producer,
            names.dead_letters,
            keep=settings.dead_letters,
            max_bytes=settings.topics.event_max_bytes + DEAD_LETTER_EXTRA_BYTES,
            privacy=self.privacy,
            metrics=metrics,
        )
        self.memory_topic = None if self.memory is None else self._memory_topic(self.memory)
        self.score = ScoreStep(
            self.detector,
            self.producer,
            HitTopics(names.typo_hits, names.typo_domains),
            dead_letters,
            self.progress,
            metrics,
            is_own_mail=OwnMail(settings.own_domains),
            domain_key=lru_cache(DOMAIN_CACHE_SIZE)(self.privacy.digest),
            sources=frozenset(settings.sources),
            history=settings.history,
            is_received=nobody_receives if self.memory is None else received_mail(settings.own_domains),
            memory=self.memory_topic,
            ask_dns=None if self._lookup is None else self._lookup.facts,
            now_ms=self._now_ms,
        )
        probe = encode_tick(Tick({}, partition_counts[names.events]))
        self.broker_clock = BrokerClock(
            self.producer, names.typo_hits, partition_counts[names.typo_hits], probe, metrics
        )
        self.count = CountStep(
            self.producer,
            dead_letters,
            metrics,
            state_topics=state_topics,
            alerts_topic=names.alerts,
            still_assigned=self.assignment.still_assigned,
            on_failure=self._crash,
            present_ms=None if settings.history else self.broker_clock.now_ms,
        )
        self.restore = StateRestore(self.count.states, load=self._load_state, point=self._restore_point)
        self.ticks = TickPublisher(
            self.assignment,
            names.events,
            self.progress,
            self.producer,
            hit_topics={topic: partition_counts[topic] for topic in state_topics},
            source_partitions=partition_counts[names.events],
            history=settings.history,
            is_clock_right=self.broker_clock.compare,
        )
        self.gauges = Gauges(metrics, self.assignment, self.count.states, lambda: self.policy)
        self.watchlist_reload = WatchlistReload(settings.watchlist_path, settings.scorer, metrics, self._use_scorer)

    def _now_ms(self) -> int:
        """The present (ms since the epoch), by the broker's clock where this one is known to be wrong."""
        return self.broker_clock.now_ms()

    def _memory_topic(self, memory: Memory) -> MemoryTopic:
        names = self.names
        return MemoryTopic(
            Replica(memory),
            names.correspondents,
            self.producer,
            self.metrics,
            read=partial(read_table, self.settings, names.correspondents),
            assigned=partial(self.assignment.partitions, names.events),
            ages=not self.settings.history,
        )

    def _connect(self) -> None:
        """Add agents, signal handlers and HTTP endpoints to the Faust app."""
        app, names = self.app, self.names
        hooks = AgentHooks(self.assignment.wait_for_commits, self._crash)
        add_score_agent(app, names.events, self.score, hooks)
        add_count_agent(app, [names.typo_hits, names.typo_domains], self.count, hooks)
        app.on_partitions_revoked.connect(self._on_revoked)
        app.on_rebalance_complete.connect(self._on_assigned)
        app.on_before_shutdown.connect(self._on_shutdown)
        add_pages(app, self.metrics, self.readiness.why_not_ready)

    async def _on_revoked(self, *_: Any, **__: Any) -> None:
        self.readiness.restored = False
        self.metrics.rebalances.inc()
        self.metrics.consumer_lag.clear()

    async def _on_assigned(self, *_: Any, **__: Any) -> None:
        """Restore state in each rebalance, before any record of the new assignment is read."""
        await guarded(self._restore, self._crash)

    async def _restore(self) -> None:
        assigned_after = self.assignment.assigned_after
        if not self._started:
            self._started = True
            self._start_background()
            await self.broker_clock.compare()  # before it is used
        if self.memory_topic is not None:
            await self.memory_topic.restored()
        self.progress.restart(await self.assignment.restore_event_times(self.names.events))
        self._known_ends = await self.assignment.restore_state_ends(self._state_topics)
        assigned = [Partition(tp.topic, tp.partition) for tp in self.app.consumer.assignment()]
        self.count.rebalance()
        await self.restore([p for p in assigned if p.topic in self._state_topics], self.app.consumer_generation_id)
        if not self.assignment.restored(assigned_after):
            return  # the next rebalance has begun, and restores its own
        self.readiness.restored = True
        if not self._was_ready:
            self._was_ready = True
            host, port = self.settings.web.host, self.settings.web.port
            log.info("ready, metrics at http://%s:%s/metrics", f"[{host}]" if ":" in host else host, port)

    def _start_background(self) -> None:
        self.producer.start()
        tasks: list[Callable[[], Awaitable[None]]] = [
            self._watch_producer,
            partial(every, TICK_SECONDS, self.ticks),
            partial(every, CHECK_SECONDS, self.watchlist_reload.check),
            partial(every, GAUGE_SECONDS, self.gauges),
            partial(every, TOPIC_CHECK_SECONDS, TopicWatch(self.producer, self.names.of_workers).check),
        ]
        if self.memory_topic is not None:
            follow = partial(_follow, self.memory_topic)
            tasks += [follow, partial(every, MAINTAIN_SECONDS, self.memory_topic.maintain)]
        for task in tasks:
            self.app.add_future(guarded(task, self._crash))

    async def _on_shutdown(self, *_: Any, **__: Any) -> None:
        """Stop the producer after the last commit, when only a tick can be unsent."""
        if self._lookup is not None:
            await self._lookup.close()
        if self._started and not await self.producer.stop(timeout=5):
            log.warning("the broker has not acknowledged every record; nothing that depends on them was committed")

    def _crash(self, error: Exception) -> None:
        """End the process with exit code 1 at the first failure; the next start resumes from the committed offsets."""
        if self._crashing is not None:
            return
        if isinstance(error, StraymailError):
            log.critical("ending: %s", error)
        else:
            log.critical("ending: unexpected error, please report it", exc_info=error)
        self._crashing = asyncio.ensure_future(self.app.crash(error))

    async def _watch_producer(self) -> None:
        """Raise the producer's permanent failure, as soon as there is one."""
        await self.producer.failed
        self.producer.raise_failure()

    def _use_scorer(self, scorer: Scorer) -> None:
        """Use the scorer of a changed watchlist, for new mail and for existing findings."""
        self.detector.use(scorer)
        self.policy = finding_policy(self.settings.findings, scorer.watchlist, self.settings.own_domains)
        for state in self.count.states.values():
            state.adopt(self.policy)

    async def _restore_point(self, hit_partition: Partition) -> RestorePoint:
        earliest_offset, _ = await self.assignment.bounds(hit_partition)
        state_partition = Partition(self._state_topics[hit_partition.topic], hit_partition.partition)
        _, log_end = await self.assignment.bounds(state_partition)
        committed = await self.assignment.committed(hit_partition)
        return RestorePoint(
            start_offset=earliest_offset if committed is None else committed,
            earliest_offset=earliest_offset,
            log_end=log_end,
            known_end=self._known_ends.get(hit_partition, 0),
        )

    def _load_state(self, hit_partition: Partition, point: RestorePoint) -> PartitionState:
        topic, partition = hit_partition
        records = read_keyed_to_end(self.settings, self._state_topics[topic], partition)
        group_by: GroupBy = "sender" if topic == self.names.typo_hits else "domain"
        state = PartitionState.load(
            self.policy,
            self._digests,
            group_by,
            records,
            point.start_offset,
            budget=self._unpacked_budget,
            log_end=point.log_end,
            known_end=point.known_end,
            earliest_offset=point.earliest_offset,
            first_sequence=first_sequence(clock.now_ms()),
        )
        if state.loss is not None:
            log.error("topic %s, partition %s: %s", self._state_topics[topic], partition, state.loss)
        return state

    def _on_gaps(self, gaps: list[OffsetGap]) -> None:
        for gap in gaps:
            self.metrics.records_skipped.labels(gap.partition.topic).inc(max(0, gap.low - gap.expected))

    def _on_stale(self, _partition: Partition) -> None:
        self.metrics.stale_batches.inc()


async def _follow(memory: MemoryTopic) -> None:
    await wait_for_answer("read the memory", memory.connect)
    await memory.follow()


def _lookup(settings: DnsSettings) -> Lookup | None:
    """What asks DNS, where that is enabled. Raises ConfigurationError where a library or a resolver is missing."""
    if not settings.enabled:
        return None
    from streams.dns.lookup import Lookup  # needs an extra

    return Lookup(settings)


def _collect_garbage_less_often() -> None:
    """Raise the thresholds of Python's garbage collector: records come by the thousand and leave no cycles, while each
    collection scans everything alive, which includes the modules and all counted hits."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def run_worker(settings: Settings, make: Callable[[Settings], Pipeline] = Pipeline) -> NoReturn:
    """Run a worker until SIGTERM or SIGINT, then end the process: exit code 0, or 1 after a failure."""
    use("uvloop")
    pipeline = make(settings)
    _collect_garbage_less_often()
    worker = Worker(pipeline.app, quiet=True, override_logging=False)
    worker.spinner = None  # it writes to stdout, terminal or not
    worker.execute_from_commandline()
