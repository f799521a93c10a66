"""Which recipients of a mail are slips: the scorer of the watchlist in force, behind a cache."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from streams.detection.build_hits import hits_of
from streams.detection.verdict_cache import Entry, Unknown, VerdictCache
from streams.domains.scorer import Scorer
from streams.domains.verdict import Verdict
from streams.domains.watchlist.watchlist import Watchlist
from streams.errors import MalformedDomain
from streams.events.addresses import domain_of, normalise_address
from streams.events.hit import TypoHit
from streams.events.mail import MailEvent
from streams.events.mistaken_domain import MistakenDomain
from streams.events.privacy import Privacy


@dataclass
class LookupCounts:
    """Recipients looked up, and the seconds that each scoring of a domain took: of one that wasn't in the cache."""

    recipients: int = 0
    score_seconds: list[float] = field(default_factory=list)


class Detector:
    """Judges the recipients of mail events. `scorer` may be swapped between two events; the cache goes with it.

    `monotonic` gives seconds, by which scoring is timed.
    """

    def __init__(self, scorer: Scorer, privacy: Privacy, monotonic: Callable[[], float]) -> None:
        self._privacy, self._monotonic = privacy, monotonic
        self._counts = LookupCounts()
        self.use(scorer)

    def use(self, scorer: Scorer) -> None:
        """Detector by this scorer from now on."""
        self._scorer, self._cache = scorer, VerdictCache(scorer.settings.cache_size)

    @property
    def watchlist(self) -> Watchlist:
        return self._scorer.watchlist

    def typos(self, event: MailEvent) -> dict[str, Verdict]:
        """The verdicts on mistaken domains among the recipients, by the domain as `domain_of` has it; mostly empty."""
        cache = self._cache
        get = cache.young.get
        doubtful: dict[str, Verdict] | None = None
        for address in event.recipients:
            text = address[address.rfind("@") + 1 :]
            entry = get(text, Unknown)
            if entry is None:
                continue
            if entry is Unknown:
                entry = cache.recall(text)
                if entry is Unknown:
                    entry = self._look(text)
                if entry is None:
                    continue
            if doubtful is None:
                doubtful = {}
            doubtful[domain_of(address)] = entry  # type: ignore[assignment]  # a Verdict: the others went on
        self._counts.recipients += len(event.recipients)
        return {} if doubtful is None else self._typos_in_context(event, doubtful)

    def hits(self, event: MailEvent, verdicts: dict[str, Verdict]) -> list[TypoHit]:
        """The hits of an event whose `typos` are these."""
        return hits_of(event, {domain: self._mistaken(verdict) for domain, verdict in verdicts.items()}, self._privacy)

    def _look(self, text: str) -> Entry:
        """Score a domain and remember the verdict; None where it can't be a typo, whatever the mail's other
        recipients."""
        begin = self._monotonic()
        try:
            verdict = self._scorer.doubt(text)
        except MalformedDomain:
            verdict = None  # no mail server can be asked for it: the mail went nowhere
        self._cache.keep(text, verdict)
        self._counts.score_seconds.append(self._monotonic() - begin)
        return verdict

    def _typos_in_context(self, event: MailEvent, doubtful: dict[str, Verdict]) -> dict[str, Verdict]:
        recipients: dict[str, set[str]] = defaultdict(set)
        for address in event.recipients:
            local, _, domain = normalise_address(address).rpartition("@")
            recipients[domain].add(local)
        sender_domain = domain_of(event.sender)
        in_context = self._scorer.score_in_context
        found = {}
        for domain, verdict in doubtful.items():
            judged = in_context(verdict, sender_domain=sender_domain, recipients=recipients)
            if judged.typo:
                found[domain] = judged
        return found

    def _mistaken(self, verdict: Verdict) -> MistakenDomain:
        intended = verdict.intended or ""
        group = self.watchlist.group_of(intended)
        return MistakenDomain(
            domain=verdict.domain,
            intended=intended,
            slip=verdict.slip or "unknown",
            explanation=verdict.explanation,
            score=verdict.score,
            certain=verdict.certain,
            listed=self.watchlist.is_listed(verdict.domain),
            groups=(group,) if group else (),
        )

    def take_counts(self) -> LookupCounts:
        """What was looked up since the last call."""
        counts, self._counts = self._counts, LookupCounts()
        return counts
