"""The scorer: whether a domain is a slip for a watched one, for which one, of what kind, and how surely."""

from __future__ import annotations

from collections.abc import Mapping, Set

from streams.domains.context import ALL_CONTEXT, add_log_odds, context_evidence
from streams.domains.explain import explain, slip_name
from streams.domains.match.candidate import Candidate
from streams.domains.match.choose import choose, is_listed, weigh, well_known_name
from streams.domains.match.finder import Finder
from streams.domains.match.index import Index
from streams.domains.match.model import Model, probability, shipped_model
from streams.domains.names import canonical
from streams.domains.same_person import ALL_MEMORY, most_by_memory
from streams.domains.thresholds import Thresholds
from streams.domains.verdict import Verdict
from streams.domains.watchlist.known import read_known_domains
from streams.domains.watchlist.watchlist import Watchlist, nearest

KNOWN = -7.0
"""Log-odds that are added for a domain known to be real; set by judgement."""


class Scorer:
    """Scores domains against one watchlist. Immutable but for its caches, so threads may share it. `known` are domains
    that are known besides those of the settings' file."""

    def __init__(
        self,
        watchlist: Watchlist,
        settings: Thresholds,
        model: Model | None = None,
        *,
        known: frozenset[str] = frozenset(),
    ) -> None:
        self.watchlist, self.settings = watchlist, settings
        self._model = model or shipped_model()
        self._finder = Finder(Index(watchlist.watched))
        self._known = known | (read_known_domains(settings.known) if settings.known else frozenset())
        self._entries = frozenset({*watchlist.watched, *watchlist.allowed, *watchlist.mistakes})
        self._by_context = ALL_CONTEXT if settings.context else 0.0

    def score(self, text: str) -> Verdict:
        """The verdict on one domain. Raises MalformedDomain, and nothing else, for any text."""
        domain = canonical(text)
        if nearest(domain, self._entries) is not None:
            return self._verdict_of_watchlist(domain)
        verdict = self._score_unlisted(domain, 0.0)
        return verdict or Verdict(domain, 0.0, False, False, None, None, f"{domain}: no watched domain is near")

    def possible_typo(self, text: str, *, with_memory: bool = False) -> Verdict | None:
        """The verdict of `score` on a domain that is a typo, or could be one in the context of some mail; None for any
        other, which saves the explanation. Raises MalformedDomain, and nothing else, for any text.

        `with_memory` is True where a memory may add its log-odds too.
        """
        domain = canonical(text)
        if nearest(domain, self._entries) is None:
            return self._possible_unlisted(domain, with_memory=with_memory)
        verdict = self._verdict_of_watchlist(domain)
        return verdict if verdict.typo else None

    def _possible_unlisted(self, domain: str, *, with_memory: bool) -> Verdict | None:
        if not with_memory:
            return self._score_unlisted(domain, add_log_odds(self.settings.typo, -self._by_context))
        verdict = self._score_unlisted(domain, add_log_odds(self.settings.typo, -self._by_context - ALL_MEMORY))
        if verdict is None:
            return None
        raised = add_log_odds(verdict.score, self._by_context + most_by_memory(verdict.slip or ""))
        return verdict if raised >= self.settings.typo else None

    def _score_unlisted(self, domain: str, least: float) -> Verdict | None:
        """The verdict on a canonical name that no watchlist entry covers; None where no watched domain is near, or
        the score is below `least`."""
        candidates = self._finder.find(domain)
        if not candidates:
            return None
        listed = well_known_name(domain) if self.settings.well_known else None
        candidate, log_odds, rivals = choose(weigh(domain, listed, candidates, self._finder, self._model))
        known = bool(self._known) and nearest(domain, self._known) is not None
        score = probability(log_odds + KNOWN * known)
        if score < least:
            return None
        typo, certain = score >= self.settings.typo, score >= self.settings.certain
        why = explain(domain, candidate, self._finder.index.group(candidate.suffix), rivals)
        if is_listed(domain, listed, candidate):
            why += "; it is a well-known domain"
        if known:
            why += "; it is a known domain"
        return Verdict(domain, score, typo, certain, self._intended(candidate), slip_name(candidate), why)

    def _intended(self, candidate: Candidate) -> str:
        watched = self._finder.index.watched_by_reading.get(f"{candidate.label}.{candidate.suffix}")
        if watched is None:
            return candidate.intended
        return f"{candidate.sub}.{watched}" if candidate.sub else watched

    def score_in_context(
        self, verdict: Verdict, *, sender_domain: str | None, recipients: Mapping[str, Set[str]]
    ) -> Verdict:
        """The verdict in the context of one mail: its sender's domain, and its recipients' local parts by domain."""
        intended = verdict.intended
        if intended is None or not self.settings.context or not 0 < verdict.score < 1:
            return verdict
        evidence = list(context_evidence(verdict.domain, intended, sender_domain, recipients))
        if not evidence:
            return verdict
        score = add_log_odds(verdict.score, sum(log_odds for log_odds, _ in evidence))
        typo, certain = score >= self.settings.typo, score >= self.settings.certain
        why = "; ".join([verdict.explanation, *(words for _, words in evidence)])
        return verdict._replace(score=score, typo=typo, certain=certain, explanation=why)

    def _verdict_of_watchlist(self, domain: str) -> Verdict:
        """The verdict on a canonical name that a watchlist entry covers."""
        watchlist = self.watchlist
        if watchlist.is_watched(domain):
            return Verdict(domain, 0.0, False, False, None, None, f"{domain}: it is watched itself")
        mistake = nearest(domain, watchlist.mistakes)
        if mistake is None or watchlist.is_allowed(domain):
            return Verdict(domain, 0.0, False, False, None, None, f"{domain}: the watchlist allows it")
        intended = domain[: -len(mistake)] + watchlist.mistakes[mistake]
        why = f"{domain}: the watchlist names {mistake} as a mistake for {watchlist.mistakes[mistake]}"
        return Verdict(domain, 1.0, True, True, intended, "listed", why)
