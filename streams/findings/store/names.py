"""The names behind the digests of a tally: joined from the hits, in any order and with repeats."""

from collections.abc import Iterable

from streams.events.mistaken_domain import MistakenDomain, joined
from streams.findings.rules import FindingPolicy

DOMAINS_KEPT = 100
"""So many mistaken domains of one finding are kept by name; more are counted, no longer named."""
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

    def add_labels(self, labels: list[str], policy: FindingPolicy) -> bool:
        """Whether one was new. Past LABELS_KEPT only those that say something of the severity are kept."""
        before = len(self.labels)
        for label in labels:
            if len(self.labels) < LABELS_KEPT or policy.marking(label):
                self.labels[label] = None
        return len(self.labels) > before
