"""The few that were seen first, each with its day: senders who wrote to a person, persons at a domain.

A tuple of at most KEPT integers in ascending order, each a day and a tag (16 bits of a digest). Unlike a sketch it has
the day of each, so that mail can be judged as of an earlier day. Merging keeps the earliest.
"""

from __future__ import annotations

KEPT = 4
"""How many are told apart; with as many there may be more."""

FirstSeen = tuple[int, ...]


def seen(day: int, tag: int) -> FirstSeen:
    """One, first seen on this day."""
    return (day << 16 | tag,)


def joined_first(one: FirstSeen, other: FirstSeen) -> FirstSeen:
    """The earliest of both, each with its least day."""
    if one == other or not other:
        return one
    if len(other) == 1 and len(one) < KEPT and not has_tag(one, other[0] & 0xFFFF):
        return tuple(sorted(one + other))
    least: dict[int, int] = {}
    for each in sorted(one + other):
        least.setdefault(each & 0xFFFF, each)
    return tuple(sorted(least.values())[:KEPT])


def first_before(first: FirstSeen, day: int) -> FirstSeen:
    """Those first seen before a day."""
    return first if not first or first[-1] >> 16 < day else tuple(each for each in first if each >> 16 < day)


def days_of(first: FirstSeen) -> set[int]:
    """The days on which each was first seen."""
    return {each >> 16 for each in first}


def has_tag(first: FirstSeen, tag: int) -> bool:
    """Whether the one with this tag is among them."""
    return tag in [each & 0xFFFF for each in first]
