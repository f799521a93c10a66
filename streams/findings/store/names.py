"""The names behind the digests of a tally: merged from the hits, in any order and with repeats."""

from collections.abc import Collection, Iterable

from streams.events.mistaken_domain import MistakenDomain, joined
from streams.findings.rules import FindingPolicy

DOMAINS_KEPT = 100
"""The most mistaken domains of which a finding keeps the names; further ones are only counted."""
LABELS_KEPT = 50


class WindowNames:
    """The names of one tally: its sender (for rules by sender), its mistaken domains by digest, its labels."""

    __slots__ = ("domains", "labels", "sender")

    def __init__(
        self, sender: str | None = None, domains: dict[bytes, MistakenDomain] | None = None, labels: Iterable[str] = ()
    ) -> None:
        self.sender = sender
        self.domains = domains if domains is not None else {}
        self.labels = dict.fromkeys(labels)

    def add_domain(self, digest: bytes, domain: MistakenDomain, counted: Collection[bytes] = ()) -> bool:
        """Merge a hit's data on a domain; returns whether anything changed. Where there is no room, one of those in
        `counted` takes that of a domain that isn't."""
        known = self.domains.get(digest)
        if known is None and len(self.domains) >= DOMAINS_KEPT:
            other = next((name for name in self.domains if name not in counted), None) if digest in counted else None
            if other is None:
                return False
            del self.domains[other]
        merged = joined(known, domain) if known is not None else domain
        if merged == known:
            return False
        self.domains[digest] = merged
        return True

    def add_labels(self, labels: list[str], policy: FindingPolicy) -> bool:
        """Add a hit's labels; returns whether one was new. Beyond LABELS_KEPT only labels with a severity are added."""
        before = len(self.labels)
        for label in labels:
            if len(self.labels) < LABELS_KEPT or policy.label_floor(label):
                self.labels[label] = None
        return len(self.labels) > before
