"""The detector: which recipients of a mail are slips, by the scorer of the current watchlist, behind a cache."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field

from streams.detection.build_hits import hits_of
from streams.detection.verdict_cache import Entry, NotADomain, NotCached, VerdictCache
from streams.domains.scorer import Scorer
from streams.domains.verdict import Verdict
from streams.domains.watchlist.watchlist import Watchlist
from streams.errors import MalformedDomain
from streams.events.addresses import domain_of, normalise_address
from streams.events.hit import TypoHit
from streams.events.mail import MailEvent
from streams.events.mistaken_domain import MistakenDomain
from streams.events.privacy import Privacy

SLICE_RECIPIENTS = 50
"""The recipients of an event with more are looked up in slices of this size: 50 of the most expensive domains take some
30 ms."""
DOMAINS_PER_EVENT = 100
"""The most hits of one event."""


@dataclass
class LookupCounts:
    """The number of recipients looked up, of those whose domain is no domain name, and of mistaken domains for which
    there is no hit, since their event has too many; the seconds taken to score each domain that wasn't in the cache."""

    recipients: int = 0
    not_domains: int = 0
    domains_over_limit: int = 0
    score_seconds: list[float] = field(default_factory=list)


class Detector:
    """Finds mistaken domains among the recipients of mail events.

    `monotonic` returns seconds; it times each scoring. `use` replaces the scorer between two events.
    """

    def __init__(self, scorer: Scorer, privacy: Privacy, monotonic: Callable[[], float]) -> None:
        self._privacy, self._monotonic = privacy, monotonic
        self._counts = LookupCounts()
        self.spent_s = 0.0
        """Seconds spent on scoring since a caller last set this to 0."""
        self.not_domains = 0
        """Recipients since the last `take_counts` whose domain is no domain name."""
        self.use(scorer)

    def use(self, scorer: Scorer) -> None:
        """Score with this scorer from now on, starting with an empty cache."""
        self._scorer, self._cache = scorer, VerdictCache(scorer.settings.cache_size)

    @property
    def watchlist(self) -> Watchlist:
        return self._scorer.watchlist

    def typos(self, event: MailEvent) -> dict[str, Verdict]:
        """The verdicts on mistaken domains among the recipients, by `domain_of` the recipient; mostly empty."""
        possible = self._possible_typos(event.recipients)
        return {} if possible is None else self._typos_in_context(event, possible)

    def typos_in_slices(self, event: MailEvent) -> Generator[None, None, dict[str, Verdict]]:
        """As `typos`, for an event with many recipients: yields between slices of them."""
        possible: dict[str, Verdict] = {}
        for start in range(0, len(event.recipients), SLICE_RECIPIENTS):
            possible |= self._possible_typos(event.recipients[start : start + SLICE_RECIPIENTS]) or {}
            self.spent_s = 0.0
            yield
        return self._typos_in_context(event, possible) if possible else {}

    def _possible_typos(self, recipients: Sequence[str]) -> dict[str, Verdict] | None:
        cache = self._cache
        get = cache.young.get
        possible: dict[str, Verdict] | None = None
        for address in recipients:
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
            if entry is NotADomain:
                self.not_domains += 1
                continue
            if possible is None:
                possible = {}
            possible[domain_of(address)] = entry  # type: ignore[assignment]  # a Verdict: all else is ruled out
        self._counts.recipients += len(recipients)
        return possible

    def hits(self, event: MailEvent, verdicts: dict[str, Verdict]) -> list[TypoHit]:
        """The hits of an event for which `typos` returned these verdicts: those of the surest DOMAINS_PER_EVENT."""
        over_limit = max(0, len(verdicts) - DOMAINS_PER_EVENT)
        domains: Iterable[str] = verdicts
        if over_limit:
            self._counts.domains_over_limit += over_limit
            domains = sorted(verdicts, key=lambda domain: (-verdicts[domain].score, domain))[:DOMAINS_PER_EVENT]
        mistakes = {domain: self._mistaken_domain(verdicts[domain]) for domain in domains}
        return hits_of(event, mistakes, self._privacy, domains_over_limit=over_limit)

    def _score(self, text: str) -> Entry:
        """Score a domain and cache the verdict; None where it can't be a typo in the context of any mail."""
        begin = self._monotonic()
        entry: Entry
        try:
            entry = self._scorer.possible_typo(text)
        except MalformedDomain:
            entry = NotADomain
        self._cache.put(text, entry)
        took_s = self._monotonic() - begin
        self._counts.score_seconds.append(took_s)
        self.spent_s += took_s
        return entry

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
        counts.not_domains, self.not_domains = self.not_domains, 0
        return counts
