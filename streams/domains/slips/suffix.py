"""Slips across the suffix: how a typed suffix stands to an intended one.

Each function is one slip. It is given the suffix as typed and the intended one; the first that fits names it.
"""

from collections.abc import Callable
from functools import lru_cache

from rapidfuzz.distance import OSA, Prefix

from streams.domains.slips.keyboards import neighbours
from streams.domains.slips.label import with_words, word_of

SuffixSlip = Callable[[str, str], bool]
SAME = "same"
GENERIC = frozenset({"com", "org", "net", "info", "biz"})
SECOND_LEVEL = frozenset(
    {"ac", "co", "com", "edu", "go", "gob", "gouv", "gov", "gv", "mil", "mod", "net", "nhs", "or", "org", "sch"}
)
"""Labels that stand before a country's own suffix, for the kind of registrant."""


def same(typed: str, intended: str) -> bool:
    return typed == intended


def suffix_appended(typed: str, intended: str) -> bool:
    """`army.mil.co`: a further suffix after the intended one."""
    return typed.startswith(intended + ".")


def suffix_missing_dot(typed: str, intended: str) -> bool:
    """`combd` for `com.bd`."""
    return "." in intended and typed == intended.replace(".", "")


def suffix_omission(typed: str, intended: str) -> bool:
    return len(typed) == len(intended) - 1 and _one(typed, intended)


def suffix_insertion(typed: str, intended: str) -> bool:
    return len(typed) == len(intended) + 1 and _one(typed, intended)


def suffix_transposition(typed: str, intended: str) -> bool:
    return _one(typed, intended) and sorted(typed) == sorted(intended)


def suffix_neighbour(typed: str, intended: str) -> bool:
    """A neighbouring key: `mio` for `mil`."""
    at = Prefix.similarity(typed, intended)
    return _one(typed, intended) and intended[at] in neighbours().get(typed[at], ())


def suffix_replacement(typed: str, intended: str) -> bool:
    return _one(typed, intended)


def suffix_lost(typed: str, intended: str) -> bool:
    """`gov.uk` shrunk to `uk` or to `gov`."""
    return intended.endswith("." + typed) or intended.startswith(typed + ".")


def suffix_inserted(typed: str, intended: str) -> bool:
    """`gov.co.uk` for `gov.uk`, `co.uk` for `uk`: a label too many."""
    first, _, rest = intended.partition(".")
    return typed.endswith("." + intended) or (
        bool(rest) and typed.startswith(first + ".") and typed.endswith("." + rest)
    )


def suffix_family(typed: str, intended: str) -> bool:
    """Another suffix of the same country, or of the same generic kind: `co.uk` for `gov.uk`, `org` for `com`."""
    if typed in GENERIC and intended in GENERIC:
        return True
    country = typed.rpartition(".")[2]
    return country not in GENERIC and country == intended.rpartition(".")[2]


def suffix_brother(typed: str, intended: str) -> bool:
    """The same kind of registrant in another country, or in none: `com.mx` for `com`, `ac.jp` for `ac.uk`."""
    return _kind(typed) == _kind(intended) != ""


def suffix_swap(typed: str, intended: str) -> bool:
    return True


ONE_KEYSTROKE: tuple[SuffixSlip, ...] = (
    suffix_missing_dot,
    suffix_omission,
    suffix_insertion,
    suffix_transposition,
    suffix_neighbour,
    suffix_replacement,
)
SLIPS: tuple[SuffixSlip, ...] = (
    same,
    *ONE_KEYSTROKE,
    suffix_appended,
    suffix_inserted,
    suffix_lost,
    suffix_family,
    suffix_brother,
    suffix_swap,
)
_NAMED = with_words(SLIPS)
KEYSTROKES = frozenset(map(word_of, ONE_KEYSTROKE))
"""The slips of one keystroke: those that may come with another slip in the name."""


@lru_cache(100_000)
def suffix_slip(typed: str, intended: str) -> str:
    """The word for the way from the intended suffix to the typed one; `same` where there is none."""
    return next(word for slip, word in _NAMED if slip(typed, intended))


def _one(typed: str, intended: str) -> bool:
    return OSA.distance(typed, intended, score_cutoff=1) == 1


def _kind(suffix: str) -> str:
    """`gov` for `gov`, `gov.uk` and `gov.bd`; empty for a suffix that names no kind of registrant."""
    first = suffix.partition(".")[0]
    return first if first in SECOND_LEVEL else ""
