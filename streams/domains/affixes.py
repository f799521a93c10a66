"""Words around a name: `mail-army`, `army-mail`, `myarmy` (the words are in `data/affixes.txt`)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from streams import data

SHORTEST_CORE = 2
_BEGINNING = 2
"""No word is shorter."""


def may_have_affix(label: str) -> bool:
    """Whether there can be something in `without_affixes`: a quick look."""
    starts, ends = _edges()
    return label[:_BEGINNING] in starts or label[-_BEGINNING:] in ends or "-" in label


def without_affixes(label: str) -> Iterator[tuple[str, bool]]:
    """What may be the name in a label, and whether the word that was taken off is a known one."""
    before, after = _sides()
    starts, ends = _edges()
    if "-" in label:
        words = affix_words()
        first, _, rest = label.partition("-")
        yield rest, first in words
        rest, _, last = label.rpartition("-")
        yield rest, last in words
    if label[:_BEGINNING] in starts:
        for word in before:
            if label.startswith(word) and len(label) >= len(word) + SHORTEST_CORE and label[len(word)] != "-":
                yield label[len(word) :], True
    if label[-_BEGINNING:] in ends:
        for word in after:
            if label.endswith(word) and len(label) >= len(word) + SHORTEST_CORE and label[-len(word) - 1] != "-":
                yield label[: -len(word)], True


@cache
def affix_words() -> frozenset[str]:
    """Words of the trade: as a name of its own such a word is anybody's."""
    return frozenset(row.strip("-") for row in data.rows("affixes.txt"))


@cache
def _sides() -> tuple[tuple[str, ...], tuple[str, ...]]:
    rows = data.rows("affixes.txt")
    before = tuple(row.rstrip("-") for row in rows if not row.startswith("-"))
    return before, tuple(row.lstrip("-") for row in rows if not row.endswith("-"))


@cache
def _edges() -> tuple[frozenset[str], frozenset[str]]:
    """How the words begin that come before a name, and how those end that come after one."""
    before, after = _sides()
    return frozenset(word[:_BEGINNING] for word in before), frozenset(word[-_BEGINNING:] for word in after)
