"""Slips across the dots: the same letters with dots and hyphens lost, added or moved, or a suffix appended."""

from __future__ import annotations

from streams.domains.match.candidate import EXACT, Candidate
from streams.domains.match.index import Index, SuffixGroup, each, squeeze
from streams.domains.slips.suffix import SAME, suffix_slip
from streams.domains.suffixes import suffix_rules

APPENDED, REPEATED = "suffix-appended", "suffix-repeated"


class Dots:
    """Finds candidates by their letters alone, without dots and hyphens."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._squeezed = index.squeezed
        self._rules = suffix_rules()
        self._wild = {group.suffix: group for group in index.groups.values() if group.wild}
        self._wild_ends = tuple(self._wild)
        self._tops = {suffix.rpartition(".")[2] for suffix in index.groups}

    def add(self, found: list[Candidate], domain: str, sub: str, label: str, suffix: str, real: bool) -> None:
        """Add the candidates for a domain that is split into `sub`, `label` and `suffix` to `found`; `real` where names
        are registered under the suffix."""
        squeezed = self._squeezed
        hyphen = "-" in label
        bare = label.replace("-", "") if hyphen else label
        if (names := squeezed.get(bare + suffix if not sub and suffix.isalpha() else squeeze(domain))) is not None:
            found += [self._moved(domain, name, SAME, suffix, "") for name in each(names) if name != domain]
        if (names := squeezed.get(bare)) is not None:
            found += [self._moved(label, name, APPENDED, suffix, sub) for name in each(names)]
        if not real:
            rest = _joined(sub, label)
            if (names := squeezed.get(squeeze(suffix))) is not None:
                found += [self._moved(suffix, name, SAME, suffix, rest) for name in each(names)]
            if suffix.endswith(self._wild_ends):
                self._add_wild_end(found, suffix, SAME, suffix, rest)
        elif label.endswith(self._wild_ends):
            self._add_wild_end(found, label, APPENDED, suffix, sub)
        if hyphen and label.rpartition("-")[2] in self._tops:
            self._add_hyphenated(found, sub, label, suffix)
        if sub:
            self._add_appended(found, domain, suffix)

    def _moved(self, typed: str, name: str, suffix_edit: str, suffix: str, sub: str) -> Candidate:
        host, label, intended = self._rules.parts(name)
        label = f"{host}.{label}" if host else label
        dots, hyphens = typed.count(".") - name.count("."), typed.count("-") - name.count("-")
        if not dots:
            typed = typed.removesuffix(f".{intended}")
        return Candidate(_punctuation(dots, hyphens), suffix_edit, typed, label, suffix, intended, sub)

    def _add_wild_end(self, found: list[Candidate], typed: str, suffix_edit: str, suffix: str, rest: str) -> None:
        """Add a name under a wildcard without its dots: `122fwangafmil.com`, `122fw-ang-af-mil.com`, `122fw.af-mil`."""
        group = next(group for end, group in self._wild.items() if typed.endswith(end))
        core = typed[: -len(group.suffix)]
        if core.endswith("-"):
            before, _, core = core.rstrip("-").rpartition("-")
            rest = _joined(rest, before.replace("-", "."))
            if core in group.labels or rest:
                edit = "dot-to-hyphen" if core in group.labels else "wildcard-hyphen"
                found.append(Candidate(edit, suffix_edit, typed, core, suffix, group.suffix, rest))
        elif known := _known_end(core, group):
            rest = _joined(rest, core[: -len(known)])
            found.append(Candidate("missing-dot", suffix_edit, typed, known, suffix, group.suffix, rest))

    def _add_hyphenated(self, found: list[Candidate], sub: str, label: str, suffix: str) -> None:
        """Add a whole name with hyphens for its dots: `mail-nato-int.com`."""
        split = self._rules.split(label.replace("-", "."))
        group = self._index.groups.get(split.suffix)
        if split.sub and group and split.label in group.labels:
            rest = _joined(sub, split.sub)
            found.append(Candidate("dot-to-hyphen", APPENDED, label, split.label, suffix, split.suffix, rest))

    def _add_appended(self, found: list[Candidate], domain: str, suffix: str) -> None:
        """Add a whole watched name with one or two labels after it: `mod.gov.uk.com`."""
        head = domain
        for _ in range(2):
            head = head.rpartition(".")[0]
            before, _, top = head.rpartition(".")
            if not before:
                return
            if top not in self._tops:
                continue
            sub, label, intended = self._rules.parts(head)
            group = self._index.groups.get(intended)
            typed_suffix = domain[len(head) - len(intended) :]
            if group and label in group.labels and typed_suffix != suffix:
                edit = REPEATED if suffix_slip(typed_suffix, intended) == REPEATED else APPENDED
                found.append(Candidate(EXACT, edit, label, label, typed_suffix, intended, sub))


def _joined(*parts: str) -> str:
    return ".".join(part for part in parts if part)


def _known_end(text: str, group: SuffixGroup) -> str | None:
    """The longest label of the group, of two letters or more, that the text ends with."""
    return next((text[i:] for i in range(len(text) - 1) if text[i:] in group.labels), None)


def _punctuation(dots: int, hyphens: int) -> str:
    if dots < 0:
        return "dot-to-hyphen" if hyphens > 0 else "missing-dot"
    if dots > 0:
        return "hyphen-to-dot" if hyphens < 0 else "extra-dot"
    return "hyphen-added" if hyphens > 0 else "hyphen-lost" if hyphens < 0 else "moved-dot"
