"""A mistaken domain, as it travels from the verdict over hits and findings to the alert."""

from __future__ import annotations

import msgspec


class MistakenDomain(msgspec.Struct, frozen=True, omit_defaults=True):
    """A mistaken domain and what the scorer says of it; `groups` are those of the watched domains that were meant."""

    domain: str
    intended: str
    slip: str
    explanation: str
    score: float
    certain: bool
    listed: bool = False
    groups: tuple[str, ...] = ()


def joined(one: MistakenDomain, other: MistakenDomain) -> MistakenDomain:
    """Two descriptions of one domain as one: the surer explanation, and whatever else either has.

    They differ where the watchlist changed between two hits.
    """
    if one == other:
        return one
    surer = max(one, other, key=lambda known: (known.score, known.intended, known.slip, known.explanation))
    return MistakenDomain(
        domain=one.domain,
        intended=surer.intended,
        slip=surer.slip,
        explanation=surer.explanation,
        score=surer.score,
        certain=one.certain or other.certain,
        listed=one.listed or other.listed,
        groups=tuple(sorted({*one.groups, *other.groups})),
    )
