"""Slips within one label: which typing mistake it is where two labels differ by one keystroke.

Each function is one slip. It takes the typed label, the intended one, and the index of their first difference, and
returns whether they differ by this slip; the first slip that fits is the one.
"""

from collections.abc import Callable
from functools import cache
from typing import TypeVar

from rapidfuzz.distance import Postfix, Prefix

from streams import data
from streams.domains.slips.keyboards import neighbours

LabelSlip = Callable[[str, str, int], bool]
SlipFunction = TypeVar("SlipFunction", bound=Callable[..., bool])
VOWELS = frozenset("aeiou")
LOOK_ALIKES = frozenset(
    {"0o", "o0", "1l", "l1", "1i", "i1", "il", "li", "5s", "s5", "3e", "e3", "vu", "uv", "ce", "ec"}
)


def spelling(typed: str, intended: str, at: int) -> bool:
    """The same word as spelt in another English: `defense` for `defence`."""
    return any(one in intended and intended.replace(one, other, 1) == typed for one, other in _spellings())


@cache
def _spellings() -> tuple[tuple[str, str], ...]:
    """Each way of spelling with the other one, in both directions."""
    pairs = [tuple(row.split()) for row in data.rows("spellings.txt")]
    return tuple(
        (one, other) for british, american in pairs for one, other in ((british, american), (american, british))
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
    """A key next to an intended one was touched with it."""
    near = neighbours().get(typed[at], frozenset())
    return intended[at] in near or (at > 0 and intended[at - 1] in near)


def insertion(typed: str, intended: str, at: int) -> bool:
    return True


def transposition(typed: str, intended: str, at: int) -> bool:
    return at + 1 < len(typed) and typed[at] == intended[at + 1] and typed[at + 1] == intended[at]


def digit_replacement(typed: str, intended: str, at: int) -> bool:
    """Another digit: `vp27` is as often another name as a slip for `vp26`."""
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


LOST: tuple[LabelSlip, ...] = (spelling, hyphen_lost, plural_lost, double_lost, omission)
ADDED: tuple[LabelSlip, ...] = (spelling, hyphen_added, repetition, plural, addition, neighbour_insertion, insertion)
CHANGED: tuple[LabelSlip, ...] = (
    spelling,
    transposition,
    digit_replacement,
    look_alike,
    vowel_replacement,
    neighbour_replacement,
    bit_flip,
    replacement,
)


def other_doubled(typed: str, intended: str, at: int) -> bool:
    """Whether a replaced letter is the hand that doubled the letter beside: `lokks` for `looks`."""
    before, meant_before = typed[at - 1 : at], intended[at - 1 : at]
    after, meant_after = typed[at + 1 : at + 2], intended[at + 1 : at + 2]
    got, meant = typed[at : at + 1], intended[at : at + 1]
    return (got == before and meant == meant_after) or (got == after and meant == meant_before)


def letter_moved(typed: str, intended: str) -> bool:
    """Whether one letter of the intended label came too early or too late: `mila` for `mail`."""
    if len(typed) != len(intended) or typed == intended:
        return False
    start, end = Prefix.similarity(typed, intended), len(typed) - Postfix.similarity(typed, intended)
    one, other = typed[start:end], intended[start:end]
    return one == other[1:] + other[0] or one == other[-1] + other[:-1]


def name_of(slip: Callable[..., bool]) -> str:
    """The name of a slip in verdicts and weights: `hyphen-lost` for `hyphen_lost`."""
    return slip.__name__.replace("_", "-")


def with_names(slips: tuple[SlipFunction, ...]) -> tuple[tuple[SlipFunction, str], ...]:
    """Each slip with its name, which takes too long to build each time."""
    return tuple((slip, name_of(slip)) for slip in slips)


_LOST, _ADDED, _CHANGED = with_names(LOST), with_names(ADDED), with_names(CHANGED)


def label_slip(typed: str, intended: str) -> str:
    """The name of the slip between two labels that differ by one keystroke."""
    at = Prefix.similarity(typed, intended)
    extra = len(typed) - len(intended)
    for slip, name in _LOST if extra < 0 else _ADDED if extra else _CHANGED:
        if slip(typed, intended, at):
            return name
    raise ValueError(f"{typed!r} and {intended!r} don't differ by one keystroke")
