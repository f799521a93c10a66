"""This worker's clock, compared with the broker's: whether it may say up to when an idle partition is complete."""

from __future__ import annotations

import asyncio
import logging
import math

from streams import clock
from streams.kafka.clients.async_producer import AsyncProducer
from streams.kafka.clients.broker_time import StampedAcks, skew_ms
from streams.metrics import Metrics

log = logging.getLogger(__name__)

ALLOWED_SKEW_MS = 5 * 60_000
"""Watermarks allow for as much disorder."""
ANSWER_S = 10.0
"""The topic's first partition may be without a leader while all others work."""


class BrokerClock:
    """Compares the clock with the broker's, by a probe to a topic whose records the broker stamps.

    Where the topic isn't stamped by the broker, its time is unknown, and the clock is taken to be right.
    """

    def __init__(self, producer: AsyncProducer, topic: str, probe: bytes, metrics: Metrics) -> None:
        self._producer, self._topic, self._probe, self._metrics = producer, topic, probe, metrics
        self._is_right = True
        self._is_known: bool | None = None
        self._is_silent = False
        self._appended_ms, self._received_s = 0, 0.0

    async def compare(self) -> bool:
        """Ask the broker for its time, and return whether the clock is right: within ALLOWED_SKEW_MS of it.

        Where the broker doesn't answer within ANSWER_S, the last answer holds, and without one the clock isn't trusted.
        Raises BrokerError where it refuses the probe.
        """
        answer, sent_ms = StampedAcks(self._producer), clock.now_ms()
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._producer.send(self._topic, self._probe, partition=0, pending=answer)
                await answer.wait()
        except TimeoutError:
            self._no_answer()
            return self._is_right and self._is_known is not None
        self._is_silent = False
        if answer.appended_ms is None:
            self._unknown()
        else:
            self._appended_ms, self._received_s = answer.appended_ms, clock.monotonic()
            self._judge(skew_ms(sent_ms, answer.appended_ms, clock.now_ms()))
        return self._is_right

    def now_ms(self) -> int:
        """The present (ms since the epoch): by this clock while it is right, else by the broker's as of the last
        comparison."""
        if self._is_right:
            return clock.now_ms()
        return self._appended_ms + int(1000 * (clock.monotonic() - self._received_s))

    def _no_answer(self) -> None:
        if not self._is_silent:
            log.warning(
                "the broker's time is not known: topic %s, partition 0 took no record within %d s; until it does, what"
                " was last known of this worker's clock holds",
                self._topic,
                ANSWER_S,
            )
        self._is_silent = True

    def _unknown(self) -> None:
        if self._is_known is not False:
            what = "the broker's time is not known, since topic %s has no message.timestamp.type=LogAppendTime: a wrong"
            log.info(what + " clock of this worker would not be noticed", self._topic)
        self._is_known, self._is_right = False, True
        self._metrics.clock_skew.set(math.nan)

    def _judge(self, skew: int) -> None:
        self._metrics.clock_skew.set(skew / 1000)
        is_right = abs(skew) <= ALLOWED_SKEW_MS
        if self._is_right and not is_right:
            log.error(
                "the clock of this worker is %d s %s the broker's, %d s are allowed: set it; until then idle partitions"
                " hold back the end of windows",
                abs(skew) // 1000,
                "ahead of" if skew > 0 else "behind",
                ALLOWED_SKEW_MS // 1000,
            )
        elif is_right and not self._is_right:
            log.info("the clock of this worker is right again: it is within %d s of the broker's", abs(skew) // 1000)
        self._is_known, self._is_right = True, is_right
