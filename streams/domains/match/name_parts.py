"""Slips in the parts of a name: in a subdomain, parts that changed places, or the suffix missing as a whole."""

from __future__ import annotations

from streams.domains.match.candidate import EXACT, Candidate
from streams.domains.match.index import Index, SuffixGroup, each, squeeze
from streams.domains.slips.affixes import affix_words
from streams.domains.slips.label import label_slip
from streams.domains.slips.lookalikes import skeleton
from streams.domains.slips.suffix import SAME
from streams.domains.suffixes import suffix_rules

SHORTEST_ALONE = 4
"""The length from which a label without any suffix is taken for a name that lost it: a shorter one is mostly a host."""


class NameParts:
    """Finds candidates by the subdomains that are watched, and by labels alone."""

    def __init__(self, index: Index) -> None:
        self._groups, self._hosts, self._roots = index.groups, index.hosts, index.roots
        self._suffixes_of, self._squeezed = index.suffixes_of, index.squeezed
        self._generic_words = affix_words()

    def without_dot(self, domain: str) -> list[Candidate]:
        """The candidates for a name without any dot: `armymil`, `lockheedmartin`."""
        found: list[Candidate] = []
        for name in each(self._squeezed.get(squeeze(domain))):
            sub, label, suffix = suffix_rules().parts(name)
            label = f"{sub}.{label}" if sub else label
            found.append(Candidate("missing-dot", SAME, domain, label, domain, suffix, ""))
        if len(domain) >= SHORTEST_ALONE:
            self.add_without_suffix(found, domain, "")
        return found

    def add_without_suffix(self, found: list[Candidate], label: str, sub: str) -> None:
        """Add the watched names whose suffix is missing as a whole: `lockheedmartin`, `hq.lockheedmartin`."""
        if label not in self._generic_words:
            for intended in each(self._suffixes_of.get(label)):
                found.append(Candidate(EXACT, "suffix-lost", label, label, "", intended, sub))

    def add(self, found: list[Candidate], sub: str, label: str, suffix: str) -> None:
        """Add the candidates for a name with a subdomain."""
        rest, _, last = sub.rpartition(".")
        group = self._groups.get(suffix)
        if group is not None and last + label in group.labels:  # `north.field.example`
            found.append(Candidate("extra-dot", SAME, f"{last}.{label}", last + label, suffix, suffix, rest))
        if not self._hosts:
            return
        name = f"{label}.{suffix}"
        if name not in self._roots and (hosts := self._hosts.get(name)) is not None:
            self._add_hosts(found, hosts, sub, name)
        if (hosts := self._hosts.get(f"{last}.{suffix}")) is not None and label in hosts.labels:  # `mit.ll.edu`
            swapped = f"{label}.{last}"
            found.append(Candidate("swapped-labels", SAME, f"{last}.{label}", swapped, suffix, suffix, rest))

    def _add_hosts(self, found: list[Candidate], hosts: SuffixGroup, sub: str, name: str) -> None:
        """Add the watched subdomains of the same registered name with a slip in the subdomain: `huoston.rr.com`."""
        before, host = "", sub
        while host:
            add_near(found, hosts, SAME, before, host, name, skeleton(host))
            first, _, host = host.partition(".")
            before = f"{before}.{first}" if before else first


def add_near(
    found: list[Candidate],
    group: SuffixGroup,
    suffix_edit: str,
    sub: str,
    label: str,
    typed_suffix: str,
    label_skeleton: str,
) -> None:
    """Add the group's labels with the typed label's skeleton, or one keystroke from it."""
    one = group.one_slip(label)
    for near in one:
        found.append(Candidate(label_slip(label, near), suffix_edit, label, near, typed_suffix, group.suffix, sub))
    for near in group.look_alikes(label, label_skeleton):
        if near not in one:
            found.append(Candidate("homoglyph", suffix_edit, label, near, typed_suffix, group.suffix, sub))
