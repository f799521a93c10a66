"""This worker's clock, compared with the brokers': whether it may say up to when an idle partition is complete."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Mapping, Sequence
from statistics import median_low

from streams import clock
from streams.kafka.clients.async_producer import AsyncProducer
from streams.kafka.clients.broker_time import StampedAcks, skew_ms
from streams.metrics import Metrics

log = logging.getLogger(__name__)

ALLOWED_SKEW_MS = 5 * 60_000
"""Watermarks allow for as much disorder."""
ANSWER_S, OTHERS_S = 10.0, 1.0
"""For the first answer, and for the others after it: a partition may be without a leader while all others work."""


class BrokerClock:
    """Compares the clock with the brokers', by a probe to each partition of a topic whose records its leader stamps.

    Where the topic isn't stamped by the broker, its time is unknown, and the clock is taken to be right.
    """

    def __init__(self, producer: AsyncProducer, topic: str, partitions: int, probe: bytes, metrics: Metrics) -> None:
        self._producer, self._topic, self._probe, self._metrics = producer, topic, probe, metrics
        self._partitions = partitions
        self._is_right = self._do_brokers_agree = True
        self._is_known: bool | None = None
        self._is_silent = False
        self._appended_ms, self._received_s = 0, 0.0

    async def compare(self) -> bool:
        """Ask the brokers for their time, and return whether the clock is right: within ALLOWED_SKEW_MS of it, by the
        leaders of more than half of the partitions that answer.

        Where no broker answers within ANSWER_S, the last answer holds, and without one the clock isn't trusted. Raises
        BrokerError where one refuses the probe.
        """
        sent_ms, answers = clock.now_ms(), await self._answers()
        if not answers:
            self._no_answer()
            return self._is_right and self._is_known is not None
        self._is_silent = False
        stamps_ms = {p: answer.appended_ms for p, answer in answers.items() if answer.appended_ms is not None}
        if not stamps_ms:
            self._unknown()
        else:
            received_ms, self._received_s = clock.now_ms(), clock.monotonic()
            skews_ms = {p: skew_ms(sent_ms, stamp_ms, received_ms) for p, stamp_ms in stamps_ms.items()}
            self._appended_ms = median_low(stamps_ms.values())
            self._compare_brokers(skews_ms)
            self._judge(list(skews_ms.values()))
        return self._is_right

    async def _answers(self) -> dict[int, StampedAcks]:
        """The acknowledgements of a probe to each partition, of those that answer in time."""
        answers = {partition: StampedAcks(self._producer) for partition in range(self._partitions)}
        for partition, answer in answers.items():
            await self._producer.send(self._topic, self._probe, partition=partition, pending=answer)
        waits = [asyncio.ensure_future(answer.wait()) for answer in answers.values()]
        done, left = await asyncio.wait(waits, timeout=ANSWER_S, return_when=asyncio.FIRST_COMPLETED)
        if done and left:
            also, left = await asyncio.wait(left, timeout=OTHERS_S)
            done |= also
        for wait in left:
            wait.cancel()
        for wait in done:
            wait.result()
        return {partition: answer for partition, answer in answers.items() if answer.complete}

    def now_ms(self) -> int:
        """The present (ms since the epoch): by this clock while it is right, else by the broker's as of the last
        comparison."""
        if self._is_right:
            return clock.now_ms()
        return self._appended_ms + int(1000 * (clock.monotonic() - self._received_s))

    def _no_answer(self) -> None:
        if not self._is_silent:
            log.warning(
                "the broker's time is not known: topic %s took no record within %d s; until it does, what was last"
                " known of this worker's clock holds",
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

    def _compare_brokers(self, skews_ms: Mapping[int, int]) -> None:
        """Report brokers whose clocks differ: whatever this worker does, what a broker stamps wrongly is left out."""
        least, most = min(skews_ms.values()), max(skews_ms.values())
        agree = most - least <= ALLOWED_SKEW_MS
        if self._do_brokers_agree and not agree:
            log.error(
                "the clocks of brokers differ by %d s: set that of the leader of partition %d of topic %s, which"
                " differs most from this worker's",
                (most - least) // 1000,
                max(skews_ms, key=lambda partition: abs(skews_ms[partition])),
                self._topic,
            )
        self._do_brokers_agree = agree

    def _judge(self, skews_ms: Sequence[int]) -> None:
        self._metrics.clock_skew.set(max(skews_ms, key=abs) / 1000)
        skew = median_low(skews_ms)
        is_right = 2 * sum(abs(each) <= ALLOWED_SKEW_MS for each in skews_ms) > len(skews_ms)
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
