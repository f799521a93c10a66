"""Suggests a watchlist from past mail. A possible slip is only suggested for review, whatever its volume; one that has
answered for weeks is proposed as `allowed`, with the evidence, for the operator to decide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from streams.backtest.volumes import Volume, Volumes
from streams.config import Settings
from streams.domains.names import canonical
from streams.domains.own_domains import OwnDomains
from streams.domains.scorer import Scorer
from streams.domains.verdict import Verdict
from streams.domains.watchlist.watchlist import Watchlist
from streams.errors import MalformedDomain

Kind = Literal["watched", "allowed", "known", "review"]
KINDS: tuple[Kind, ...] = ("watched", "allowed", "known", "review")
REVIEW_FROM = 0.1
"""Lowest score at which a domain needs review: far below that of a typo, so that no possible slip is suggested."""
MAX_COMPARED = 4_000
"""Number of domains, those with the most mails, that are compared with each other."""
NO_SLIP_RATIO = 5
"""A domain with this many times the mails of another one is no slip for it."""


@dataclass(frozen=True, slots=True)
class Minimum:
    """Fewest mails and senders for a suggestion as `watched` or `allowed`, and fewest mails for one as `known`."""

    mails: int = 20
    senders: int = 3
    known: int = 3


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One suggested domain. With kind `review`, or to be decided, the verdict says what it may be a slip for."""

    kind: Kind
    volume: Volume
    verdict: Verdict

    @property
    def may_be_slip(self) -> bool:
        """Whether the name is near another one, so that only somebody who knows the domain can decide."""
        return self.verdict.intended is not None and self.verdict.score >= REVIEW_FROM


def suggest(volumes: Volumes, watchlist: Watchlist, settings: Settings, minimum: Minimum) -> list[Suggestion]:
    """Suggestions for all domains with enough mail, by kind and then by volume.

    A domain is compared with the watched ones, and with every domain that gets more than a fifth of its mails. So even
    without a watchlist army.ml is for review because of army.mil; so is army.mil if army.ml gets nearly as many.
    """
    own = OwnDomains(settings.own_domains)
    scorer = Scorer(watchlist, settings.scorer)
    candidates = [c for c in _candidates(volumes, minimum) if not _is_settled(c.domain, watchlist, own)]
    slips = _slips_among(candidates[:MAX_COMPARED], settings)
    found: list[Suggestion] = []
    for volume in candidates:
        verdict = scorer.score(volume.domain)
        slip = slips.get(volume.domain)
        if slip is not None and slip.score > verdict.score:
            found.append(Suggestion("review", volume, slip))
        elif (kind := _kind(volume, verdict, minimum, must_answer=volumes.has_received)) is not None:
            found.append(Suggestion(kind, volume, verdict))
    return sorted(
        _with_better_intended(found, settings),
        key=lambda one: (KINDS.index(one.kind), -one.volume.mails, one.volume.domain),
    )


def _order(one: Suggestion) -> tuple[int, int, str]:
    return KINDS.index(one.kind), -one.volume.mails, one.volume.domain


def _with_better_intended(found: list[Suggestion], settings: Settings) -> Iterator[Suggestion]:
    """Replaces verdicts that name another domain under review as the intended one, where one not under review fits."""
    settled = {one.volume.domain: None for one in found if one.kind != "review"}
    scorer = Scorer(Watchlist(settled, {}, {}, {}), settings.scorer)
    doubtful = {one.volume.domain for one in found if one.kind == "review"}
    for one in found:
        if one.verdict.intended in doubtful:
            better = scorer.score(one.volume.domain)
            yield replace(one, verdict=better) if better.score >= REVIEW_FROM else one
        else:
            yield one


def _candidates(volumes: Volumes, minimum: Minimum) -> list[Volume]:
    """Domains with enough mails in canonical form, most mails first. Of several spellings the most frequent counts."""
    found: dict[str, Volume] = {}
    for volume in sorted(volumes.domains.values(), key=lambda volume: (-volume.mails, volume.domain)):
        try:
            domain = canonical(volume.domain)
        except MalformedDomain:
            continue
        if volume.mails >= minimum.known and "." in domain:
            found.setdefault(domain, replace(volume, domain=domain))
    return list(found.values())


def _is_settled(domain: str, watchlist: Watchlist, own: OwnDomains) -> bool:
    return domain in own or watchlist.is_watched(domain) or watchlist.is_allowed(domain) or watchlist.is_listed(domain)


def _kind(volume: Volume, verdict: Verdict, minimum: Minimum, *, must_answer: bool) -> Kind | None:
    """`must_answer` where the mail shows who answers: a wrong address is written to for years, and never does."""
    if verdict.intended is not None and verdict.score >= REVIEW_FROM:
        return "allowed" if volume.is_established else "review"
    if must_answer and not volume.received:
        return None
    if not volume.delivered and volume.mails < minimum.mails:
        return None
    if volume.mails >= minimum.mails and len(volume.senders) >= minimum.senders:
        return "allowed" if verdict.intended is not None else "watched"
    return "known"


def _slips_among(candidates: Sequence[Volume], settings: Settings) -> dict[str, Verdict]:
    """Verdicts on candidates that may be slips for other candidates.

    Any two candidates differ in some bit of their index. So for each bit, those with a 0 are scored against those with
    a 1, and the reverse: each pair is compared with few scorers.
    """
    mails = {volume.domain: volume.mails for volume in candidates}
    found: dict[str, Verdict] = {}
    for bit in range(max(1, (len(candidates) - 1).bit_length())):
        sides = [[v.domain for at, v in enumerate(candidates) if at >> bit & 1 == side] for side in (0, 1)]
        for domains, against in (sides, sides[::-1]):
            for domain, verdict in _verdicts(domains, against, settings):
                meant = mails.get(verdict.intended or "", 0)
                is_slip = mails[domain] < NO_SLIP_RATIO * meant and verdict.score >= REVIEW_FROM
                if is_slip and (domain not in found or verdict.score > found[domain].score):
                    found[domain] = verdict
    return found


def _verdicts(domains: Sequence[str], against: Sequence[str], settings: Settings) -> Iterator[tuple[str, Verdict]]:
    if against:
        scorer = Scorer(Watchlist(dict.fromkeys(against), {}, {}, {}), settings.scorer)
        for domain in domains:
            yield domain, scorer.score(domain)
