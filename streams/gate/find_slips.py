"""Finds the slips of a mail with the scorer of the watchlist in use, as workers do, but learns nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import NamedTuple

from streams import clock
from streams.detection.detector import SLICE_RECIPIENTS, Detector, Typo
from streams.domains.scorer import Scorer
from streams.domains.verdict import Verdict
from streams.events.addresses import ADDRESS_LENGTH, is_address
from streams.events.mail import MailEvent
from streams.events.privacy import Privacy
from streams.gate.decide import Certainty
from streams.gate.question import Fault, Question
from streams.memory.memory import Memory
from streams.metrics import Metrics


class FoundSlip(NamedTuple):
    """The verdict on a mistaken domain, and how certain it is."""

    verdict: Verdict
    certainty: Certainty


class SlipFinder:
    """Judges recipients by the watchlist in use, and by a memory that somebody else fills."""

    def __init__(
        self, privacy: Privacy, metrics: Metrics, memory: Memory | None, has_memory: Callable[[], bool]
    ) -> None:
        """`has_memory` returns whether the memory has been filled; it is not called where `memory` is None."""
        self._privacy, self._metrics = privacy, metrics
        self._memory, self._has_memory = memory, has_memory
        self._detector: Detector | None = None

    def use(self, scorer: Scorer) -> None:
        """Judge by this scorer from now on."""
        if self._detector is None:
            self._detector = Detector(scorer, self._privacy, clock.monotonic, self._memory, learns=False)
        else:
            self._detector.use(scorer)

    @property
    def problem(self) -> Fault | None:
        """What is missing to judge any mail; None where nothing is."""
        if self._detector is None:
            return "watchlist"
        return "memory" if self._memory is not None and not self._has_memory() else None

    async def find(self, question: Question, now_ms: int, until_s: float) -> Mapping[str, FoundSlip] | None:
        """The mistaken domains by `domain_of` the recipient; None where `until_s`, of the monotonic clock, has passed
        before all are judged. There is no `problem`."""
        detector = self._detector
        if detector is None:
            raise RuntimeError("there is a problem")
        recipients = [each for each in question.recipients if len(each) <= ADDRESS_LENGTH and is_address(each)]
        if not recipients:
            return {}
        event = MailEvent("gate", now_ms, question.sender, recipients)
        if len(recipients) <= SLICE_RECIPIENTS:
            return self._by_domain(detector, detector.typos(event))
        slices = detector.typos_in_slices(event)
        while clock.monotonic() < until_s:
            try:
                next(slices)
            except StopIteration as end:
                return self._by_domain(detector, end.value)
            await asyncio.sleep(0)
        return None

    def measure(self) -> None:
        """Add what was scored since the last call to the metrics."""
        if self._detector is not None:
            counts, metrics = self._detector.take_counts(), self._metrics
            metrics.domains_scored.labels("miss").inc(counts.not_cached)
            metrics.domains_scored.labels("hit").inc(counts.recipients - counts.not_cached)
            for took in counts.score_seconds:
                metrics.score.observe(took)

    def _by_domain(self, detector: Detector, typos: Mapping[str, Typo]) -> Mapping[str, FoundSlip]:
        is_listed = detector.watchlist.is_listed
        return {text: FoundSlip(typo.verdict, _certainty(typo.verdict, is_listed)) for text, typo in typos.items()}


def _certainty(verdict: Verdict, is_listed: Callable[[str], bool]) -> Certainty:
    if is_listed(verdict.domain):
        return "listed"
    return "certain" if verdict.certain else "doubtful"
