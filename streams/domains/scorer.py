"""The scorer: is a domain a slip for a watched one, which, of what kind, how sure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA

from streams.domains.names import canonical
from streams.domains.suffixes import Split, suffix_rules
from streams.domains.verdict import Verdict
from streams.domains.watchlist import Watchlist, nearest

if TYPE_CHECKING:
    from streams.domains.settings import ScorerSettings


class Scorer:
    """Judges domains against one watchlist; immutable but for its cache, so that it may be shared by threads."""

    def __init__(self, watchlist: Watchlist, settings: ScorerSettings) -> None:
        self.watchlist, self.settings = watchlist, settings
        self._rules = suffix_rules()
        self._wild = frozenset(entry[2:] for entry in watchlist.watched if entry.startswith("*."))
        self._by_label: dict[str, list[Split]] = defaultdict(list)
        self._by_deletion: dict[str, list[Split]] = defaultdict(list)
        for entry in watchlist.watched:
            if not entry.startswith("*."):
                split = self._rules.split(entry)
                self._by_label[split.label].append(split)
                for key in _deletions(split.label):
                    self._by_deletion[key].append(split)
        self.cached = lru_cache(settings.cache_size)(self.score)

    def score(self, text: str) -> Verdict:
        """The verdict on one domain. Raises MalformedDomain, and nothing else, for any text."""
        domain = canonical(text)
        watchlist = self.watchlist
        if watchlist.is_watched(domain):
            return self._verdict(domain, 0.0, None, None, f"{domain} is watched itself")
        if watchlist.is_allowed(domain):
            return self._verdict(domain, 0.0, None, None, f"{domain} is allowed by the watchlist")
        if mistake := nearest(domain, watchlist.mistakes):
            intended = domain[: -len(mistake)] + watchlist.mistakes[mistake]
            return self._verdict(domain, 1.0, intended, "listed", f"{mistake} is listed as a mistake")
        best = max(self._guesses(domain), default=None)
        if best is None:
            return self._verdict(domain, 0.0, None, None, "nothing watched is near")
        score, intended, slip = best
        return self._verdict(domain, score, intended, slip, f"{domain} is {slip} away from {intended}")

    def score_in_context(
        self, verdict: Verdict, *, sender_domain: str | None, recipients: Mapping[str, Set[str]]
    ) -> Verdict:
        """The verdict in the light of one mail: its sender's domain, and its recipients' local parts by domain."""
        intended = verdict.intended
        if intended is None or not self.settings.context or verdict.score in (0.0, 1.0):
            return verdict
        if intended != sender_domain and intended not in recipients:
            return verdict
        score = (1 + verdict.score) / 2
        typo, certain = score >= self.settings.typo, score >= self.settings.certain
        return replace(verdict, score=score, typo=typo, certain=certain)

    def _guesses(self, domain: str) -> Iterator[tuple[float, str, str]]:
        split = self._rules.split(domain)
        head = domain[: len(domain) - len(split.suffix)]
        for suffix in self._wild:
            if OSA.distance(split.suffix, suffix, score_cutoff=1) == 1:
                yield 0.8, head + suffix, "suffix-slip"
        for near in self._by_label.get(split.label, ()):
            slipped = OSA.distance(split.suffix, near.suffix, score_cutoff=1) == 1
            yield (0.95 if slipped else 0.4), near.registrable, "suffix-slip" if slipped else "suffix-swap"
        for key in (split.label, *_deletions(split.label)):
            for near in self._by_deletion.get(key, ()):
                if near.suffix == split.suffix and OSA.distance(split.label, near.label, score_cutoff=1) == 1:
                    yield min(0.95, len(near.label) / 8), near.registrable, "name-slip"

    def _verdict(self, domain: str, score: float, intended: str | None, slip: str | None, why: str) -> Verdict:
        typo, certain = score >= self.settings.typo, score >= self.settings.certain
        return Verdict(domain, score, typo, certain, intended, slip, why)


def _deletions(label: str) -> list[str]:
    return [label, *(label[:i] + label[i + 1 :] for i in range(len(label)))]
