"""The scorer: is a domain a slip for a watched one, which, of what kind, how sure."""

from __future__ import annotations

from collections.abc import Mapping, Set

from streams.domains.context import ALL_TOGETHER, context_evidence, raised
from streams.domains.explain import explain, slip_word
from streams.domains.match.candidate import Candidate
from streams.domains.match.choose import judge, weigh
from streams.domains.match.finder import Finder
from streams.domains.match.index import Index
from streams.domains.match.model import Model, probability, shipped_model
from streams.domains.names import canonical
from streams.domains.thresholds import Thresholds
from streams.domains.verdict import Verdict
from streams.domains.watchlist.known import read_known
from streams.domains.watchlist.watchlist import Watchlist, nearest

KNOWN = -7.0
"""Log-odds for a domain that is known to be real; set by judgement."""


class Scorer:
    """Judges domains against one watchlist; immutable but for its caches, so that threads may share it.

    `cached` is `score` behind a bounded LRU cache (`cached.cache_info()` counts); errors aren't kept.
    """

    def __init__(self, watchlist: Watchlist, settings: Thresholds, model: Model | None = None) -> None:
        self.watchlist, self.settings = watchlist, settings
        self._model = model or shipped_model()
        self._finder = Finder(Index(watchlist.watched))
        self._known = read_known(settings.known) if settings.known else frozenset()
        self._settled = frozenset({*watchlist.watched, *watchlist.allowed, *watchlist.mistakes})
        self._doubtful = raised(settings.typo, -ALL_TOGETHER) if settings.context else settings.typo

    def score(self, text: str) -> Verdict:
        """The verdict on one domain. Raises MalformedDomain, and nothing else, for any text."""
        domain = canonical(text)
        if nearest(domain, self._settled) is not None:
            return self._settle(domain)
        verdict = self._weigh(domain, 0.0)
        return verdict or Verdict(domain, 0.0, False, False, None, None, f"{domain}: no watched domain is near")

    def doubt(self, text: str) -> Verdict | None:
        """The verdict on a domain that is a typo or could be one in the light of some mail, None for any other: what
        `score` tells, for those who see many domains and look at few. Raises MalformedDomain, and nothing else."""
        domain = canonical(text)
        if nearest(domain, self._settled) is None:
            return self._weigh(domain, self._doubtful)
        verdict = self._settle(domain)
        return verdict if verdict.typo else None

    def _weigh(self, domain: str, least: float) -> Verdict | None:
        """The verdict on a canonical name that the watchlist doesn't name; None where its score isn't so much, or no
        watched domain is near."""
        candidates = self._finder.find(domain)
        if not candidates:
            return None
        candidate, log_odds, rivals = judge(weigh(candidates, self._finder, self._model))
        known = bool(self._known) and nearest(domain, self._known) is not None
        score = probability(log_odds + KNOWN * known)
        if score < least:
            return None
        typo, certain = score >= self.settings.typo, score >= self.settings.certain
        why = explain(domain, candidate, self._finder.index.groups[candidate.suffix], rivals)
        if known:
            why += "; it is a known domain"
        return Verdict(domain, score, typo, certain, self._intended(candidate), slip_word(candidate), why)

    def _intended(self, candidate: Candidate) -> str:
        written = self._finder.index.written.get(f"{candidate.label}.{candidate.suffix}")
        if written is None:
            return candidate.intended
        return f"{candidate.sub}.{written}" if candidate.sub else written

    def score_in_context(
        self, verdict: Verdict, *, sender_domain: str | None, recipients: Mapping[str, Set[str]]
    ) -> Verdict:
        """The verdict in the light of one mail: its sender's domain, and its recipients' local parts by domain."""
        intended = verdict.intended
        if intended is None or not self.settings.context or not 0 < verdict.score < 1:
            return verdict
        told = list(context_evidence(verdict.domain, intended, sender_domain, recipients))
        if not told:
            return verdict
        score = raised(verdict.score, sum(log_odds for log_odds, _ in told))
        typo, certain = score >= self.settings.typo, score >= self.settings.certain
        why = "; ".join([verdict.explanation, *(words for _, words in told)])
        return verdict._replace(score=score, typo=typo, certain=certain, explanation=why)

    def _settle(self, domain: str) -> Verdict:
        """What the watchlist itself says of a domain that it names or covers."""
        watchlist = self.watchlist
        if watchlist.is_watched(domain):
            return Verdict(domain, 0.0, False, False, None, None, f"{domain}: it is watched itself")
        mistake = nearest(domain, watchlist.mistakes)
        if mistake is None or watchlist.is_allowed(domain):
            return Verdict(domain, 0.0, False, False, None, None, f"{domain}: the watchlist allows it")
        intended = domain[: -len(mistake)] + watchlist.mistakes[mistake]
        why = f"{domain}: the watchlist names {mistake} as a mistake for {watchlist.mistakes[mistake]}"
        return Verdict(domain, 1.0, True, True, intended, "listed", why)
