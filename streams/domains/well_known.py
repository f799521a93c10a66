"""Well-known domains: registrable names that the world uses, shipped as a list.

The list is kept as one sorted string and searched as it is: a set of as many names takes ten times the memory, and the
time to load. There are no hashes, so nobody can look for a name that collides with a listed one.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cache
from typing import NamedTuple

from streams import data

PAGE = 2048
"""Characters between the names that are kept apart; a search reads the string from one of them to the next."""


class SortedNames(NamedTuple):
    """The names, each between two newlines; each page's first name, and where it begins; last of all the end."""

    names: str
    first: list[str]
    begin: list[int]


def is_well_known(name: str) -> bool:
    """Whether a canonical registrable name is on the shipped list, which is read at the first call."""
    return contains(_shipped(), name)


def contains(table: SortedNames, name: str) -> bool:
    """Whether a name is one of these."""
    names, first, begin = table
    page = bisect_right(first, name) - 1
    return page >= 0 and names.find(f"\n{name}\n", begin[page], begin[page + 1] + 1) >= 0


@cache
def _shipped() -> SortedNames:
    return sorted_names(data.read("well_known.txt"))


def sorted_names(text: str) -> SortedNames:
    """The names of a text: comments, an empty line, then a name per line, sorted by code points."""
    names = text[text.index("\n\n") + 1 :]
    end = len(names) - 1
    begin = [0]
    while (at := names.find("\n", begin[-1] + PAGE, end)) >= 0:
        begin.append(at)
    first = [names[at + 1 : names.index("\n", at + 1)] for at in begin]
    return SortedNames(names, first, [*begin, end])
