"""What history suggests for a watchlist. Volume alone suggests nothing that may be a slip."""

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
HALF = 0.1
"""From this score on a domain is for review: the scorer takes it for a slip, or half does."""
COMPARED = 4_000
"""So many domains, those of most mails, are compared with each other."""
SOUND = 5
"""A domain that gets so many times the mail of another one is no slip for it."""


@dataclass(frozen=True, slots=True)
class Least:
    """What it takes to be suggested: mails and senders for `watched` and `allowed`, mails for `known`."""

    mails: int = 20
    senders: int = 3
    known: int = 3


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One domain, what it is suggested for, and, under review, what it may be a slip for."""

    kind: Kind
    volume: Volume
    verdict: Verdict


def suggest(volumes: Volumes, watchlist: Watchlist, settings: Settings, least: Least) -> list[Suggestion]:
    """Every domain that is worth a word, by kind and then by volume.

    A domain is compared with what is watched, and with every domain that gets at least a fifth of its mail: without a
    watchlist army.ml is under review all the same because of army.mil, and so is army.mil where army.ml gets nearly as
    much.
    """
    own = OwnDomains(settings.own_domains)
    scorer = Scorer(watchlist, settings.scorer)
    candidates = [c for c in _candidates(volumes, least) if not _is_settled(c.domain, watchlist, own)]
    slips = _slips_among(candidates[:COMPARED], settings)
    found: list[Suggestion] = []
    for volume in candidates:
        verdict = scorer.score(volume.domain)
        slip = slips.get(volume.domain)
        if slip is not None and slip.score > verdict.score:
            found.append(Suggestion("review", volume, slip))
        elif (kind := _kind(volume, verdict, least)) is not None:
            found.append(Suggestion(kind, volume, verdict))
    return sorted(
        _meant(found, settings), key=lambda one: (KINDS.index(one.kind), -one.volume.mails, one.volume.domain)
    )


def _order(one: Suggestion) -> tuple[int, int, str]:
    return KINDS.index(one.kind), -one.volume.mails, one.volume.domain


def _meant(found: list[Suggestion], settings: Settings) -> Iterator[Suggestion]:
    """What is under review is told as a slip for a domain that isn't, where there is such a one."""
    sound = {one.volume.domain: None for one in found if one.kind != "review"}
    scorer = Scorer(Watchlist(sound, {}, {}, {}), settings.scorer)
    doubtful = {one.volume.domain for one in found if one.kind == "review"}
    for one in found:
        if one.verdict.intended in doubtful:
            better = scorer.score(one.volume.domain)
            yield replace(one, verdict=better) if better.score >= HALF else one
        else:
            yield one


def _candidates(volumes: Volumes, least: Least) -> list[Volume]:
    """The domains in canonical form, those of most mails first; spellings of one domain are put together by the
    first."""
    found: dict[str, Volume] = {}
    for volume in sorted(volumes.domains.values(), key=lambda volume: (-volume.mails, volume.domain)):
        try:
            domain = canonical(volume.domain)
        except MalformedDomain:
            continue
        if volume.mails >= least.known and "." in domain:
            found.setdefault(domain, replace(volume, domain=domain))
    return list(found.values())


def _is_settled(domain: str, watchlist: Watchlist, own: OwnDomains) -> bool:
    return domain in own or watchlist.is_watched(domain) or watchlist.is_allowed(domain) or watchlist.is_listed(domain)


def _kind(volume: Volume, verdict: Verdict, least: Least) -> Kind | None:
    if verdict.intended is not None and verdict.score >= HALF:
        return "review"
    if not volume.delivered and volume.mails < least.mails:
        return None
    if volume.mails >= least.mails and len(volume.senders) >= least.senders:
        return "allowed" if verdict.intended is not None else "watched"
    return "known"


def _slips_among(candidates: Sequence[Volume], settings: Settings) -> dict[str, Verdict]:
    """Verdicts on candidates that may be slips for other candidates.

    Every two of them differ in some bit of their places, so for each bit the ones are judged against the others.
    """
    mails = {volume.domain: volume.mails for volume in candidates}
    found: dict[str, Verdict] = {}
    for bit in range(max(1, (len(candidates) - 1).bit_length())):
        sides = [[v.domain for at, v in enumerate(candidates) if at >> bit & 1 == side] for side in (0, 1)]
        for judged, against in (sides, sides[::-1]):
            for domain, verdict in _judged(judged, against, settings):
                meant = mails.get(verdict.intended or "", 0)
                is_slip = mails[domain] < SOUND * meant and verdict.score >= HALF
                if is_slip and (domain not in found or verdict.score > found[domain].score):
                    found[domain] = verdict
    return found


def _judged(domains: Sequence[str], against: Sequence[str], settings: Settings) -> Iterator[tuple[str, Verdict]]:
    if against:
        scorer = Scorer(Watchlist(dict.fromkeys(against), {}, {}, {}), settings.scorer)
        for domain in domains:
            yield domain, scorer.score(domain)
