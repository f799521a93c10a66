"""The detector: which recipients of a mail are slips, by the scorer of the current watchlist, behind a cache."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from streams.detection.build_hits import hits_of
from streams.detection.verdict_cache import Entry, NotCached, VerdictCache
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
    """The number of recipients looked up, and the seconds taken to score each domain that wasn't in the cache."""

    recipients: int = 0
    score_seconds: list[float] = field(default_factory=list)


class Detector:
    """Finds mistaken domains among the recipients of mail events.

    `monotonic` returns seconds; it times each scoring. `use` replaces the scorer between two events.
    """

    def __init__(self, scorer: Scorer, privacy: Privacy, monotonic: Callable[[], float]) -> None:
        self._privacy, self._monotonic = privacy, monotonic
        self._counts = LookupCounts()
        self.use(scorer)

    def use(self, scorer: Scorer) -> None:
        """Score with this scorer from now on, starting with an empty cache."""
        self._scorer, self._cache = scorer, VerdictCache(scorer.settings.cache_size)

    @property
    def watchlist(self) -> Watchlist:
        return self._scorer.watchlist

    def typos(self, event: MailEvent) -> dict[str, Verdict]:
        """The verdicts on mistaken domains among the recipients, by `domain_of` the recipient; mostly empty."""
        cache = self._cache
        get = cache.young.get
        possible: dict[str, Verdict] | None = None
        for address in event.recipients:
            text = address[address.rfind("@") + 1 :]
            entry = get(text, NotCached)
            if entry is None:
                continue
            if entry is NotCached:
                entry = cache.promote(text)
                if entry is NotCached:
                    entry = self._score(text)
                if entry is None:
                    continue
            if possible is None:
                possible = {}
            possible[domain_of(address)] = entry  # type: ignore[assignment]  # neither None nor NotCached here
        self._counts.recipients += len(event.recipients)
        return {} if possible is None else self._typos_in_context(event, possible)

    def hits(self, event: MailEvent, verdicts: dict[str, Verdict]) -> list[TypoHit]:
        """The hits of an event for which `typos` returned these verdicts."""
        mistakes = {domain: self._mistaken_domain(verdict) for domain, verdict in verdicts.items()}
        return hits_of(event, mistakes, self._privacy)

    def _score(self, text: str) -> Entry:
        """Score a domain and cache the verdict; None where it can't be a typo in the context of any mail."""
        begin = self._monotonic()
        try:
            verdict = self._scorer.possible_typo(text)
        except MalformedDomain:
            verdict = None  # DNS can't resolve it, so the mail can't have been delivered
        self._cache.put(text, verdict)
        self._counts.score_seconds.append(self._monotonic() - begin)
        return verdict

    def _typos_in_context(self, event: MailEvent, possible: dict[str, Verdict]) -> dict[str, Verdict]:
        recipients: dict[str, set[str]] = defaultdict(set)
        for address in event.recipients:
            local, _, domain = normalise_address(address).rpartition("@")
            recipients[domain].add(local)
        sender_domain = domain_of(event.sender)
        score_in_context = self._scorer.score_in_context
        found = {}
        for domain, verdict in possible.items():
            in_context = score_in_context(verdict, sender_domain=sender_domain, recipients=recipients)
            if in_context.typo:
                found[domain] = in_context
        return found

    def _mistaken_domain(self, verdict: Verdict) -> MistakenDomain:
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
        """The counts since the last call."""
        counts, self._counts = self._counts, LookupCounts()
        return counts
