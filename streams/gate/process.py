"""One gate process: its parts, put together from the settings, and what runs beside its listeners."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import streams
from streams import clock
from streams.durations import parse_duration_ms
from streams.errors import BrokerError, WatchlistError
from streams.gate.answer_counts import FAULT
from streams.gate.confirmations import Confirmations
from streams.gate.digests import GateDigests
from streams.gate.file_store import FileStore
from streams.gate.find_slips import SlipFinder
from streams.gate.gate import Gate
from streams.gate.inputs import GateInputs
from streams.gate.kafka_store import KafkaStore
from streams.gate.listeners.http import usable_token
from streams.gate.question import FAULTS, GATE_PROTOCOLS, WHYS
from streams.gate.store import DecisionStore
from streams.kafka.clients.table import read_table
from streams.kafka.security import librdkafka_config
from streams.kafka.topics.names import topic_names
from streams.memory.replica import Replica
from streams.metrics import GateMetrics, Metrics
from streams.service.background import every
from streams.service.memory_topic import MAINTAIN_SECONDS as MEMORY_SECONDS
from streams.service.memory_topic import MemoryTopic
from streams.service.watchlist_reload import CHECK_SECONDS, WatchlistReload, load_scorer

log = logging.getLogger(__name__)

MAINTAIN_SECONDS = 10.0
RETRY_SECONDS = 5.0
PRODUCER_CONFIG = {
    "linger.ms": 0,  # a mail client waits
    "logger": logging.getLogger("librdkafka"),
    "log_level": 2,  # at 3 it repeats each failed connection
}


class GateProcess:
    """The parts of a gate. It can answer from the start: what it lacks yet lets mail pass."""

    def __init__(self, inputs: GateInputs) -> None:
        """Put the parts together. Raises ConfigurationError; neither Kafka nor the watchlist is touched."""
        self.inputs = inputs
        self.token = usable_token(inputs.own, inputs.own.http)
        """The token that HTTP requests bring; None where they need none."""
        self.metrics = Metrics(streams.__version__)
        self.gate_metrics = GateMetrics(
            self.metrics,
            protocols=GATE_PROTOCOLS,
            decisions=[*(why for why in WHYS if why not in FAULTS), FAULT],
            faults=FAULTS,
        )
        self.store = self._store()
        self._memory_topic = self._memory()
        self._slips = SlipFinder(inputs.privacy, self.metrics, inputs.memory, self._has_memory)
        digests = GateDigests(inputs.privacy.key)
        self.gate = Gate(inputs.rules(), self._slips, self.store, digests, self.gate_metrics, clock.now_ms)
        self._reload = WatchlistReload(inputs.watchlist, inputs.scorer, self.metrics, self._slips.use)

    def why_not_ready(self) -> str | None:
        """Why it would let mail pass that it should judge, for people; None when it is ready."""
        match self._slips.problem:
            case "watchlist":
                return "there is no valid watchlist"
            case "memory":
                return "restoring the memory"
        return self.store.problem

    async def load_watchlist(self) -> None:
        """Judge by the watchlist; where it is invalid, all mail passes until it has been corrected."""
        inputs = self.inputs
        try:
            self._slips.use(await asyncio.to_thread(load_scorer, inputs.watchlist, inputs.scorer, self.metrics))
        except WatchlistError as error:
            log.error("all mail passes until there is a valid watchlist: %s", error)

    def background(self) -> list[Callable[[], Coroutine[Any, Any, None]]]:
        """What runs until the gate stops; none of it ends by itself."""
        tasks: list[Callable[[], Coroutine[Any, Any, None]]] = [
            self.store.run,
            self.gate.stalls.run,
            partial(every, CHECK_SECONDS, self._reload.check),
            partial(every, MAINTAIN_SECONDS, self.gate.maintain),
        ]
        if self._memory_topic is not None:
            follow = partial(_persistently, self._memory_topic)
            tasks += [follow, partial(every, MEMORY_SECONDS, self._memory_topic.maintain)]
        return tasks

    def _store(self) -> DecisionStore:
        own, kafka = self.inputs.own, self.inputs.kafka
        window_ms, remember_ms = parse_duration_ms(own.window), parse_duration_ms(own.remember)
        confirmations = Confirmations(window_ms, remember_ms)
        if own.file is not None:
            return FileStore(own.file, confirmations, clock.now_ms, keep_ms=max(2 * window_ms, remember_ms))
        names = topic_names(kafka)
        return KafkaStore(
            confirmations,
            names,
            {**librdkafka_config(kafka), **PRODUCER_CONFIG},
            clock.now_ms,
            read=partial(read_table, kafka, names.gate),
            on_failure=self.metrics.delivery_failures.inc,
        )

    def _memory(self) -> MemoryTopic | None:
        memory, kafka = self.inputs.memory, self.inputs.kafka
        if memory is None:
            return None
        topic = topic_names(kafka).correspondents
        read = partial(read_table, kafka, topic)
        return MemoryTopic(Replica(memory), topic, None, self.metrics, read=read, assigned=tuple, ages=True)

    def _has_memory(self) -> bool:
        return self._memory_topic is not None and self._memory_topic.is_restored


async def _persistently(memory: MemoryTopic) -> None:
    """Follow the memory's topic for ever, again where Kafka is away or refuses."""
    last = ""
    while True:
        try:
            await memory.follow()
        except BrokerError as error:
            if str(error) != last:
                log.warning("the memory can't be read: %s", error)
            last = str(error)
        await asyncio.sleep(RETRY_SECONDS)
