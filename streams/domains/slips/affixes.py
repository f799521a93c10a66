"""Words around a name: `mail-army`, `army-mail`, `myarmy` (the words are in `data/affixes.txt`)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from string import ascii_lowercase, digits

from streams import data

SHORTEST_CORE = 2
_LETTERS = f"{ascii_lowercase}{digits}_"
EDGE = 3
"""A word is looked for by so many letters at the edge of a label."""


def without_affixes(label: str) -> Iterator[tuple[str, bool]]:
    """What may be the name in a label, and whether the word that was taken off is a known one: nothing unless the label
    has a hyphen, or an edge of so many letters is in `affix_edges`."""
    before, after = affix_edges()
    if "-" in label:
        words = affix_words()
        first, _, rest = label.partition("-")
        yield rest, first in words
        rest, _, last = label.rpartition("-")
        yield rest, last in words
    for word in before.get(label[:EDGE], ()):
        if label.startswith(word) and len(label) >= len(word) + SHORTEST_CORE and label[len(word)] != "-":
            yield label[len(word) :], True
    for word in after.get(label[-EDGE:], ()):
        if label.endswith(word) and len(label) >= len(word) + SHORTEST_CORE and label[-len(word) - 1] != "-":
            yield label[: -len(word)], True


@cache
def affix_words() -> frozenset[str]:
    """Words of the trade: as a name of its own such a word is anybody's."""
    return frozenset(row.strip("-") for row in data.rows("affixes.txt"))


@cache
def affix_edges() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The words that come before a name, by how they begin; those that come after one, by how they end."""
    before: dict[str, list[str]] = {}
    after: dict[str, list[str]] = {}
    for row in data.rows("affixes.txt"):
        word = row.strip("-")
        more = [""] if len(word) >= EDGE else _LETTERS
        if not row.startswith("-"):
            for letter in more:
                before.setdefault((word + letter)[:EDGE], []).append(word)
        if not row.endswith("-"):
            for letter in more:
                after.setdefault((letter + word)[-EDGE:], []).append(word)
    return before, after
