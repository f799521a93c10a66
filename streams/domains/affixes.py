"""Words around a name: `mail-army`, `army-mil`, `myarmy` (the words are in `data/affixes.txt`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from streams import data

Match = Callable[[str], "re.Match[str] | None"]
SHORTEST_CORE = 2


def without_affixes(label: str) -> Iterator[tuple[str, bool]]:
    """What may be the name in a label, and whether the word that was taken off is a known one."""
    before, after = _patterns()
    words = affix_words()
    if "-" in label:
        first, _, rest = label.partition("-")
        yield rest, first in words
        rest, _, last = label.rpartition("-")
        yield rest, last in words
    if (found := before(label)) and len(found[1]) >= SHORTEST_CORE:
        yield found[1], True
    if (found := after(label)) and len(found[1]) >= SHORTEST_CORE:
        yield found[1], True


@cache
def affix_words() -> frozenset[str]:
    """Words of the trade: as a name of its own such a word is anybody's."""
    return frozenset(row.strip("-") for row in data.rows("affixes.txt"))


@cache
def _patterns() -> tuple[Match, Match]:
    rows = data.rows("affixes.txt")
    before = "|".join(re.escape(row.rstrip("-")) for row in rows if not row.startswith("-"))
    after = "|".join(re.escape(row.lstrip("-")) for row in rows if not row.endswith("-"))
    return re.compile(rf"(?:{before})([^-].*)").fullmatch, re.compile(rf"(.*[^-])(?:{after})").fullmatch
