"""The names behind the digests of a tally: joined from the hits, in any order and with repeats."""

from collections.abc import Iterable

from streams.events.finding import MistakenDomain
from streams.events.hit import TypoHit
from streams.findings.rules import Policy

DOMAINS_KEPT = 100
"""So many mistaken domains of one finding are kept by name; more are counted, no longer named."""
LABELS_KEPT = 50


def mistaken_domain(hit: TypoHit) -> MistakenDomain:
    """What a hit says of its domain."""
    return MistakenDomain(
        domain=hit.domain,
        intended=hit.intended,
        slip=hit.slip,
        explanation=hit.explanation,
        score=hit.score,
        certain=hit.certain,
        listed=hit.listed,
        groups=(hit.group,) if hit.group else (),
    )


def joined(one: MistakenDomain, other: MistakenDomain) -> MistakenDomain:
    """Both sayings of one domain as one: the surer explanation, whatever else either says.

    They differ where the watchlist changed between two hits.
    """
    if one == other:
        return one
    surer = max(one, other, key=lambda said: (said.score, said.intended, said.slip, said.explanation))
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


class Names:
    """The names of one tally: its sender (for rules by sender), its mistaken domains by digest, its labels."""

    __slots__ = ("domains", "labels", "sender")

    def __init__(
        self, sender: str | None = None, domains: dict[bytes, MistakenDomain] | None = None, labels: Iterable[str] = ()
    ) -> None:
        self.sender = sender
        self.domains = domains if domains is not None else {}
        self.labels = dict.fromkeys(labels)

    def add_domain(self, digest: bytes, said: MistakenDomain) -> bool:
        """Whether it changed what is known."""
        known = self.domains.get(digest)
        if known is None and len(self.domains) >= DOMAINS_KEPT:
            return False
        now = joined(known, said) if known is not None else said
        if now == known:
            return False
        self.domains[digest] = now
        return True

    def add_labels(self, labels: list[str], policy: Policy) -> bool:
        """Whether one was new. Past LABELS_KEPT only those that say something of the severity are kept."""
        before = len(self.labels)
        for label in labels:
            if len(self.labels) < LABELS_KEPT or policy.marking(label):
                self.labels[label] = None
        return len(self.labels) > before
