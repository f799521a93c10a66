"""Wires the parts together into one Faust app; nothing is decided here."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import faust
from faust.types import TP
from faust.web.drivers.aiohttp import Web as AiohttpWeb

import streams
from streams.agents.count import CountStep
from streams.agents.dead_letters import DeadLetters
from streams.agents.judge import Judge
from streams.agents.ownership import own_mail
from streams.agents.policy import finding_policy
from streams.agents.progress import Progress
from streams.agents.score import HitTopics, ScoreStep
from streams.agents.stream import each_batch
from streams.agents.takeover import Held, Takeover
from streams.agents.ticks import TICK_SECONDS, Ticks
from streams.agents.watchlist_watch import WatchlistWatch, load_scorer
from streams.config import Settings
from streams.domains.scorer import Scorer
from streams.errors import BrokerError
from streams.events.privacy import Privacy
from streams.findings.state import PartitionState
from streams.kafka.batch import undelivered
from streams.kafka.bulk import Hole, Partition
from streams.kafka.producer import Delivery, Producer
from streams.kafka.reader import read_to_end
from streams.kafka.security import driver_security, librdkafka_config
from streams.kafka.topics import state_topic_of, topic_names
from streams.kafka.transport import DataPlane, Transport
from streams.metrics import Metrics

log = logging.getLogger(__name__)

STOP_SECONDS = 25.0
"""A stop that takes longer is stuck: the process ends with status 1, and what wasn't committed is read again."""


class Web(AiohttpWeb):  # type: ignore[misc]  # faust has no types
    """Faust's web server without any of Faust's own pages: they show what the stream holds."""

    default_blueprints = production_blueprints = debug_blueprints = optional_blueprints = ()


class App(faust.App):  # type: ignore[misc]  # faust has no types
    """A Faust app without files of its own and without Faust's web pages."""

    def _create_directories(self) -> None:
        """Nothing: no table, no file; the container's root is read-only."""

    def _new_web(self) -> Web:
        return Web(self)

    async def on_stop(self) -> None:
        watchdog = threading.Timer(STOP_SECONDS, _end_stuck_stop)
        watchdog.daemon = True
        watchdog.start()
        await super().on_stop()


def _end_stuck_stop() -> None:
    log.critical("the stop is stuck for %s s: ending now; what wasn't committed is read again", STOP_SECONDS)
    logging.shutdown()
    os._exit(1)


class Pipeline:
    """One worker: the Faust app and all that works in it. Make it in the process that runs it, and once."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.names = topic_names(settings)
        self._state_of = state_topic_of(settings)
        self.metrics = Metrics(streams.__version__)
        self.privacy = Privacy(
            settings.privacy.secret(), settings.privacy.sender, settings.privacy.recipient, settings.privacy.subject
        )
        librdkafka = librdkafka_config(settings)
        self.producer = Producer(librdkafka, on_failure=self.metrics.delivery_failures.inc)
        self._plane = DataPlane(librdkafka, self._on_holes, self._on_stale)
        self._ready = False
        self.progress = Progress()
        scorer = load_scorer(settings.watchlist_path, settings.scorer, self.metrics)
        self.judge = Judge(scorer, self.privacy)
        self.app = _faust_app(settings, self._plane)
        self._build_steps()
        self._attach()

    def _build_steps(self) -> None:
        settings, names, metrics = self.settings, self.names, self.metrics
        dead_letters = DeadLetters(
            self.producer,
            names.dead_letters,
            keep=settings.dead_letters,
            max_bytes=settings.topics.event_max_bytes + DEAD_LETTER_EXTRA_BYTES,
            privacy=self.privacy,
            metrics=metrics,
        )
        self.score = ScoreStep(
            self.judge,
            self.producer,
            HitTopics(names.typo_hits, names.typo_domains),
            dead_letters,
            self.progress,
            metrics,
            is_ours=own_mail(settings.own_domains),
            domain_key=self.privacy.digest,
            sources=frozenset(settings.sources),
            history=settings.history,
        )
        self.count = CountStep(
            self.producer, dead_letters, metrics, state_topics=self._state_of, alerts_topic=names.alerts
        )
        self.takeover = Takeover(self.count.states, load=self._load_state, committed=self._committed)
