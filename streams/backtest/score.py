"""The first pass of a backtest: scores batches of mail events as a worker does, to find those that the second
judges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from streams import clock
from streams.backtest.groups import SenderGroups
from streams.config import Settings
from streams.detection.detector import Detector
from streams.detection.own_mail import OwnMail, received_mail
from streams.detection.score_events import Outcome, score_events
from streams.domains.scorer import Scorer
from streams.domains.watchlist.watchlist import Watchlist
from streams.events.mail import MailEvent
from streams.memory.facts import PersonFacts
from streams.memory.mail_days import MailDays
from streams.memory.records import MemoryRecord

NEAR_MISS_FROM = 0.2
"""Lowest score of a near miss: a domain that is no typo, but would be one with a lower threshold."""
DAY_MS = 86_400_000


class NearMiss(NamedTuple):
    """A domain of one event that scores below the threshold. `mail` is the message id or, without one, the event id."""

    domain: str
    intended: str
    slip: str
    score: float
    mail: str
    sender: str
    time_ms: int


@dataclass(slots=True)
class BacktestBatch:
    """Result of the first pass over one batch of events.

    `doubted` are the encoded events that may have a slip, or that come from a domain near a watched one, each with its
    time in ms; `facts` what the batch taught about persons, as of each day that it taught something of, and which days
    it taught. `unreadable` are (index, reason, detail). Events are counted in `days`, numbered from the epoch (UTC),
    and in `groups` of senders.
    """

    scored: int = 0
    bounces: int = 0
    not_ours: int = 0
    doubted: list[tuple[int, bytes]] = field(default_factory=list)
    facts: list[MemoryRecord] = field(default_factory=list)
    unreadable: list[tuple[int, str, str]] = field(default_factory=list)
    days: Counter[int] = field(default_factory=Counter)
    groups: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class ScoringPlan:
    """All that scoring needs, in a form that can be sent to other processes."""

    settings: Settings
    watchlist: Watchlist
    groups: SenderGroups

    def build(self) -> Callable[[Sequence[bytes]], BacktestBatch]:
        """Build the function that scores a batch of encoded events."""
        return _BatchScorer(self).score

    def detector(self) -> Detector:
        """A detector with the threshold lowered to `NEAR_MISS_FROM`, and a memory of its own."""
        settings = self.settings
        wide = settings.scorer.model_copy(update={"typo": min(NEAR_MISS_FROM, settings.scorer.typo)})
        scorer = Scorer(self.watchlist, wide)
        privacy, memory = settings.privacy.privacy(), settings.memory(is_kept=False)
        lowest = settings.scorer.typo
        return Detector(scorer, privacy, clock.monotonic, memory, lowest_of_memory=lowest, now_ms=clock.now_ms)


class _BatchScorer:
    """Counts events, and finds those that matter for the second pass."""

    def __init__(self, plan: ScoringPlan) -> None:
        own_domains = plan.settings.own_domains
        self._groups, self._detector = plan.groups, plan.detector()
        self._is_own_mail, self._is_received = OwnMail(own_domains), received_mail(own_domains)

    def score(self, values: Sequence[bytes]) -> BacktestBatch:
        scored, memory = BacktestBatch(), self._detector.memory
        times: list[int] = []
        if memory is not None:
            memory.mail_days = MailDays()

        def count(event: MailEvent, outcome: Outcome) -> None:
            times.append(event.time_ms)
            scored.days[event.time_ms // DAY_MS] += 1
            if outcome == "scored":
                scored.groups[self._groups.of(event.sender)] += 1

        batch = score_events(
            values, self._detector, self._is_own_mail, now_ms=None, is_received=self._is_received, on_event=count
        )
        self._detector.take_counts()
        scored.scored, scored.bounces, scored.not_ours = batch.scored, batch.bounces, batch.not_ours
        scored.unreadable = [(index, error.reason, error.detail) for index, error in batch.unreadable]
        first_day = min(scored.days, default=0)
        scored.facts = [known for packed in batch.learned for known in _as_of_days(packed.record, first_day)]
        if memory is not None:
            scored.facts += [memory.days_record(facts) for facts in map(memory.mail_days.only, scored.days) if facts]
        time_of = dict(zip(_readable(len(values), scored), times, strict=True))
        scored.doubted = [(time_of[index], values[index]) for index in batch.doubted]
        return scored


def _as_of_days(record: MemoryRecord, first_day: int) -> list[MemoryRecord]:
    """A person as of each day from `first_day` on with something new: where older files come last, the joined facts of
    an entry are dated later than the mail that taught it. None of a correspondent."""
    facts = record.facts
    if not isinstance(facts, PersonFacts):
        return []
    as_of = [facts.before(day + 1) for day in facts.days_with_news if day >= first_day]
    return [record._replace(facts=known._replace(days=known.days | 1)) for known in as_of if known]


def _readable(number: int, scored: BacktestBatch) -> list[int]:
    """The indices of the events that could be read."""
    unreadable = {index for index, _, _ in scored.unreadable}
    return [index for index in range(number) if index not in unreadable]
