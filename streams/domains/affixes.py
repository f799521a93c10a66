"""Words around a name: `mail-army`, `army-mail`, `myarmy` (the words are in `data/affixes.txt`)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from streams import data

SHORTEST_CORE = 2
_EDGE = 2
"""No word is shorter."""


def may_have_affix(label: str) -> bool:
    """Whether there can be something in `without_affixes`: a quick look."""
    before, after = _sides()
    return label[:_EDGE] in before or label[-_EDGE:] in after or "-" in label


def without_affixes(label: str) -> Iterator[tuple[str, bool]]:
    """What may be the name in a label, and whether the word that was taken off is a known one."""
    before, after = _sides()
    if "-" in label:
        words = affix_words()
        first, _, rest = label.partition("-")
        yield rest, first in words
        rest, _, last = label.rpartition("-")
        yield rest, last in words
    for word in before.get(label[:_EDGE], ()):
        if label.startswith(word) and len(label) >= len(word) + SHORTEST_CORE and label[len(word)] != "-":
            yield label[len(word) :], True
    for word in after.get(label[-_EDGE:], ()):
        if label.endswith(word) and len(label) >= len(word) + SHORTEST_CORE and label[-len(word) - 1] != "-":
            yield label[: -len(word)], True


@cache
def affix_words() -> frozenset[str]:
    """Words of the trade: as a name of its own such a word is anybody's."""
    return frozenset(row.strip("-") for row in data.rows("affixes.txt"))


@cache
def _sides() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The words that come before a name, by how they begin; those that come after one, by how they end."""
    before: dict[str, list[str]] = {}
    after: dict[str, list[str]] = {}
    for row in data.rows("affixes.txt"):
        word = row.strip("-")
        if not row.startswith("-"):
            before.setdefault(word[:_EDGE], []).append(word)
        if not row.endswith("-"):
            after.setdefault(word[-_EDGE:], []).append(word)
    return before, after
