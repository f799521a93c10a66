"""Words around a name: `mail-army`, `army-mail`, `myarmy` (the words are in `data/affixes.txt`)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from string import ascii_lowercase, digits

from streams import data

SHORTEST_CORE = 2
_LETTERS = f"{ascii_lowercase}{digits}_"
EDGE = 3
"""The number of letters at the beginning or the end of a label by which an affix is looked up."""


def without_affixes(label: str) -> Iterator[tuple[str, bool]]:
    """What remains of a label without a word before or after it, and whether that word is a known one.

    Yields nothing unless the label has a hyphen, or begins or ends with one of `affix_edges`.
    """
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
    """The known words: generic words of the field, so one of them alone is no name that could be meant."""
    return frozenset(row.strip("-") for row in data.rows("affixes.txt"))


@cache
def affix_edges() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The words that come before a name by the first letters of such a label; those that come after by the last.

    A word shorter than `EDGE` is there once for each letter that may be next to it.
    """
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
