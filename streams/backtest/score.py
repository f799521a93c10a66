"""Scores batches of mail events as a worker does, and also collects near misses and counts for the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from streams import clock
from streams.backtest.groups import SenderGroups
from streams.config import Settings
from streams.detection.detector import Detector
from streams.detection.own_mail import own_mail
from streams.detection.score_events import Outcome, Slip, score_events
from streams.domains.scorer import Scorer
from streams.domains.watchlist.watchlist import Watchlist
from streams.events.hit import encode_hit
from streams.events.mail import MailEvent

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
    """Result of scoring one batch of events.

    `hits` are (ms, encoded hit), `unreadable` (index, reason, detail). Events are counted in `days`, numbered from the
    epoch (UTC), and in `groups` of senders.
    """

    scored: int = 0
    bounces: int = 0
    not_ours: int = 0
    hits: list[tuple[int, bytes]] = field(default_factory=list)
    near_misses: list[NearMiss] = field(default_factory=list)
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


class _BatchScorer:
    """Scorer with the threshold lowered to `NEAR_MISS_FROM`; near misses are kept apart, so hits are the pipeline's."""

    def __init__(self, plan: ScoringPlan) -> None:
        settings = plan.settings
        self._typo, self._groups = settings.scorer.typo, plan.groups
        wide = settings.scorer.model_copy(update={"typo": min(NEAR_MISS_FROM, settings.scorer.typo)})
        self._privacy = settings.privacy.privacy()
        self._detector = Detector(Scorer(plan.watchlist, wide), self._privacy, clock.monotonic)
        self._is_own_mail = own_mail(settings.own_domains)

    def score(self, values: Sequence[bytes]) -> BacktestBatch:
        scored = BacktestBatch()

        def count(event: MailEvent, outcome: Outcome) -> None:
            scored.days[event.time_ms // DAY_MS] += 1
            if outcome == "scored":
                scored.groups[self._groups.of(event.sender)] += 1

        batch = score_events(values, self._detector, self._is_own_mail, now_ms=None, on_event=count)
        self._detector.take_counts()
        scored.scored, scored.bounces, scored.not_ours = batch.scored, batch.bounces, batch.not_ours
        scored.unreadable = [(index, error.reason, error.detail) for index, error in batch.unreadable]
        for slip in batch.slips:
            self._add(slip, scored)
        return scored

    def _add(self, slip: Slip, scored: BacktestBatch) -> None:
        event, verdicts = slip.event, slip.verdicts
        typos = {domain: verdict for domain, verdict in verdicts.items() if verdict.score >= self._typo}
        scored.hits += [(hit.time, encode_hit(hit)) for hit in self._detector.hits(event, typos)]
        mail, sender = event.message_id or event.id, self._privacy.mask_sender(event.sender)
        for domain, verdict in verdicts.items():
            if domain not in typos:
                fields = (verdict.domain, verdict.intended or "", verdict.slip or "unknown", verdict.score)
                scored.near_misses.append(NearMiss(*fields, mail, sender, event.time_ms))
