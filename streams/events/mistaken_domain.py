"""A mistaken domain, as verdicts, hits, findings and alerts describe it."""

from __future__ import annotations

import msgspec

from streams.events.dns_facts import DnsFacts, joined_facts
from streams.events.remembered import Remembered, joined_memory


class MistakenDomain(msgspec.Struct, frozen=True, omit_defaults=True):
    """A mistaken domain and its verdict: score 0 to 1; `groups` are those of the intended watched domains.

    `memory` is what was known of it before the mail; None where there is no memory, or the mail has
    more than a hundred doubted domains.
    `dns` is what DNS says of it; None where it wasn't asked, or gave no usable reply in time.
    """

    domain: str
    intended: str
    slip: str
    explanation: str
    score: float
    certain: bool
    listed: bool = False
    groups: tuple[str, ...] = ()
    memory: Remembered | None = None
    dns: DnsFacts | None = None


def joined(one: MistakenDomain, other: MistakenDomain) -> MistakenDomain:
    """Merge two descriptions of one domain: the explanation with the higher score, and the flags and groups of both.

    They differ if the watchlist changed between two hits.
    """
    if one == other:
        return one
    surer = max(one, other, key=lambda domain: (domain.score, domain.intended, domain.slip, domain.explanation))
    return MistakenDomain(
        domain=one.domain,
        intended=surer.intended,
        slip=surer.slip,
        explanation=surer.explanation,
        score=surer.score,
        certain=one.certain or other.certain,
        listed=one.listed or other.listed,
        groups=tuple(sorted({*one.groups, *other.groups})),
        memory=joined_memory(one.memory, other.memory),
        dns=joined_facts(one.dns, other.dns),
    )
