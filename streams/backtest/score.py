"""Scores batches of mail events: what the score step does, and what a report needs beside the hits."""

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

NEAR = 0.2
"""Domains from this score on are remembered though they are no typos: a lower threshold would take them for such."""
DAY_MS = 86_400_000


class Near(NamedTuple):
    """A domain of one event that scores below the threshold; `mail` is its message id or the event's id."""

    domain: str
    intended: str
    slip: str
    score: float
    mail: str
    sender: str
    time_ms: int


@dataclass(slots=True)
class Part:
    """What one batch gave. `hits` are (ms, encoded hit); `unreadable` (index, reason, detail); `days` are numbered
    from the epoch, UTC."""

    scored: int = 0
    bounces: int = 0
    not_ours: int = 0
    hits: list[tuple[int, bytes]] = field(default_factory=list)
    near: list[Near] = field(default_factory=list)
    unreadable: list[tuple[int, str, str]] = field(default_factory=list)
    days: Counter[int] = field(default_factory=Counter)
    groups: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class ScoringPlan:
    """All that scoring needs, as it goes to other processes."""

    settings: Settings
    watchlist: Watchlist
    groups: SenderGroups

    def build(self) -> Callable[[Sequence[bytes]], Part]:
        """The function that scores a batch of encoded events."""
        return _Scoring(self).score


class _Scoring:
    """The hits are the pipeline's: the scorer only looks further down, and what it finds there is kept apart."""

    def __init__(self, plan: ScoringPlan) -> None:
        settings = plan.settings
        self._typo, self._groups = settings.scorer.typo, plan.groups
        wide = settings.scorer.model_copy(update={"typo": min(NEAR, settings.scorer.typo)})
        self._privacy = settings.privacy.privacy()
        self._detector = Detector(Scorer(plan.watchlist, wide), self._privacy, clock.monotonic)
        self._is_own_mail = own_mail(settings.own_domains)

    def score(self, values: Sequence[bytes]) -> Part:
        part = Part()

        def count(event: MailEvent, outcome: Outcome) -> None:
            part.days[event.time_ms // DAY_MS] += 1
            if outcome == "scored":
                part.groups[self._groups.of(event.sender)] += 1

        batch = score_events(values, self._detector, self._is_own_mail, now_ms=None, on_event=count)
        self._detector.take_counts()
        part.scored, part.bounces, part.not_ours = batch.scored, batch.bounces, batch.not_ours
        part.unreadable = [(index, error.reason, error.detail) for index, error in batch.unreadable]
        for slip in batch.slips:
            self._take_in(slip, part)
        return part

    def _take_in(self, slip: Slip, part: Part) -> None:
        event, verdicts = slip.event, slip.verdicts
        typos = {domain: verdict for domain, verdict in verdicts.items() if verdict.score >= self._typo}
        part.hits += [(hit.time, encode_hit(hit)) for hit in self._detector.hits(event, typos)]
        mail, sender = event.message_id or event.id, self._privacy.mask_sender(event.sender)
        for domain, verdict in verdicts.items():
            if domain not in typos:
                near = (verdict.domain, verdict.intended or "", verdict.slip or "unknown", verdict.score)
                part.near.append(Near(*near, mail, sender, event.time_ms))
