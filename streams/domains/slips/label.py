"""Slips within one label: what the hand did where two labels differ by one keystroke.

Each function is one slip. It is given the label as typed, the intended one, and where they first differ, and tells
whether it is that slip; the first that fits names it.
"""

from collections.abc import Callable
from typing import TypeVar

from rapidfuzz.distance import Prefix

from streams.domains.slips.keyboards import neighbours

Slip = Callable[[str, str, int], bool]
S = TypeVar("S", bound=Callable[..., bool])
VOWELS = frozenset("aeiou")
LOOK_ALIKES = frozenset(
    {"0o", "o0", "1l", "l1", "1i", "i1", "il", "li", "5s", "s5", "3e", "e3", "vu", "uv", "ce", "ec"}
)


def hyphen_lost(typed: str, intended: str, at: int) -> bool:
    return intended[at] == "-"


def plural_lost(typed: str, intended: str, at: int) -> bool:
    return at == len(typed) and intended[at] == "s"


def double_lost(typed: str, intended: str, at: int) -> bool:
    """One of two equal letters is missing."""
    return at > 0 and intended[at] == intended[at - 1]


def omission(typed: str, intended: str, at: int) -> bool:
    return True


def hyphen_added(typed: str, intended: str, at: int) -> bool:
    return typed[at] == "-"


def repetition(typed: str, intended: str, at: int) -> bool:
    return at > 0 and typed[at] == typed[at - 1]


def plural(typed: str, intended: str, at: int) -> bool:
    return typed[at] == "s" and at == len(intended)


def addition(typed: str, intended: str, at: int) -> bool:
    return at == len(intended)


def neighbour_insertion(typed: str, intended: str, at: int) -> bool:
    """A key beside one that was meant was touched with it."""
    near = neighbours().get(typed[at], frozenset())
    return intended[at] in near or (at > 0 and intended[at - 1] in near)


def insertion(typed: str, intended: str, at: int) -> bool:
    return True


def transposition(typed: str, intended: str, at: int) -> bool:
    return at + 1 < len(typed) and typed[at] == intended[at + 1] and typed[at + 1] == intended[at]


def digit_replacement(typed: str, intended: str, at: int) -> bool:
    """Another number: `vp27` is no slip for `vp26` as often as it is one."""
    return typed[at].isdigit() and intended[at].isdigit()


def look_alike(typed: str, intended: str, at: int) -> bool:
    return typed[at] + intended[at] in LOOK_ALIKES


def vowel_replacement(typed: str, intended: str, at: int) -> bool:
    return typed[at] in VOWELS and intended[at] in VOWELS


def neighbour_replacement(typed: str, intended: str, at: int) -> bool:
    return intended[at] in neighbours().get(typed[at], frozenset())


def bit_flip(typed: str, intended: str, at: int) -> bool:
    return (ord(typed[at]) ^ ord(intended[at])).bit_count() == 1


def replacement(typed: str, intended: str, at: int) -> bool:
    return True


LOST: tuple[Slip, ...] = (hyphen_lost, plural_lost, double_lost, omission)
ADDED: tuple[Slip, ...] = (hyphen_added, repetition, plural, addition, neighbour_insertion, insertion)
CHANGED: tuple[Slip, ...] = (
    transposition,
    digit_replacement,
    look_alike,
    vowel_replacement,
    neighbour_replacement,
    bit_flip,
    replacement,
)


def word_of(slip: Callable[..., bool]) -> str:
    """The word for a slip in verdicts and weights: `hyphen-lost` for `hyphen_lost`."""
    return slip.__name__.replace("_", "-")


def with_words(slips: tuple[S, ...]) -> tuple[tuple[S, str], ...]:
    """Each slip with its word, which costs too much to make each time."""
    return tuple((slip, word_of(slip)) for slip in slips)


_LOST, _ADDED, _CHANGED = with_words(LOST), with_words(ADDED), with_words(CHANGED)


def name_slip(typed: str, intended: str) -> str:
    """The word for the one keystroke by which two different labels differ."""
    at = Prefix.similarity(typed, intended)
    grown = len(typed) - len(intended)
    for slip, word in _LOST if grown < 0 else _ADDED if grown else _CHANGED:
        if slip(typed, intended, at):
            return word
    raise ValueError(f"{typed!r} and {intended!r} don't differ by one keystroke")
