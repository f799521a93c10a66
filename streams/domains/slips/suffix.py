"""Slips in the suffix: how a typed suffix differs from the intended one.

Each function is one slip. It takes the typed suffix and the intended one; the first slip that fits is the one.
"""

from collections.abc import Callable
from functools import lru_cache

from rapidfuzz.distance import OSA, Prefix

from streams.domains.names import to_unicode
from streams.domains.slips.keyboards import neighbours
from streams.domains.slips.label import name_of, with_names
from streams.domains.suffixes import suffix_rules

SuffixSlip = Callable[[str, str], bool]
SAME = "same"
GENERIC = frozenset({"com", "org", "net", "info", "biz"})
SECOND_LEVEL = frozenset(
    {"ac", "co", "com", "edu", "go", "gob", "gouv", "gov", "gv", "mil", "mod", "net", "nhs", "or", "org", "sch"}
)
"""Labels before a country's own suffix that name the kind of registrant."""


def same(typed: str, intended: str) -> bool:
    return typed == intended


def suffix_appended(typed: str, intended: str) -> bool:
    """`army.mil.co`: a further suffix after the intended one. Where both together are a suffix of their own (`org.uk`
    for `org`), it is another slip: real organisations have their names there."""
    return typed.startswith(intended + ".") and not suffix_rules().exists(typed)


def suffix_repeated(typed: str, intended: str) -> bool:
    """`com.com` for `com`, `co.uk.uk` for `co.uk`: the suffix or its end typed twice."""
    return typed.startswith(intended + ".") and f".{intended}".endswith(typed[len(intended) :])


def suffix_extended(typed: str, intended: str) -> bool:
    """`comand` for `com`: more letters after the intended suffix, without a dot."""
    return "." not in typed[len(intended) :] and typed.startswith(intended)


def suffix_missing_dot(typed: str, intended: str) -> bool:
    """`combd` for `com.bd`."""
    return "." in intended and typed == intended.replace(".", "")


def suffix_omission(typed: str, intended: str) -> bool:
    return len(typed) == len(intended) - 1 and _one_keystroke(typed, intended)


def suffix_insertion(typed: str, intended: str) -> bool:
    return len(typed) == len(intended) + 1 and _one_keystroke(typed, intended)


def suffix_transposition(typed: str, intended: str) -> bool:
    return _one_keystroke(typed, intended) and sorted(typed) == sorted(intended)


def suffix_neighbour(typed: str, intended: str) -> bool:
    """A neighbouring key: `mio` for `mil`."""
    at = Prefix.similarity(typed, intended)
    return _one_keystroke(typed, intended) and intended[at] in neighbours().get(typed[at], ())


def suffix_replacement(typed: str, intended: str) -> bool:
    return _one_keystroke(typed, intended)


def suffix_lost(typed: str, intended: str) -> bool:
    """`uk` or `gov` for `gov.uk`, `c` for `com`, or no suffix at all."""
    if not typed or intended.endswith("." + typed) or intended.startswith(typed + "."):
        return True
    return intended.startswith(typed) and "." not in intended


def suffix_inserted(typed: str, intended: str) -> bool:
    """A label too many: `gov.co.uk` for `gov.uk`, `co.uk` for `uk`."""
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
    return _registrant_kind(typed) == _registrant_kind(intended) != ""


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
    suffix_extended,
    suffix_repeated,
    suffix_appended,
    suffix_inserted,
    suffix_lost,
    suffix_family,
    suffix_brother,
    suffix_swap,
)
_NAMED = with_names(SLIPS)
KEYSTROKES = frozenset(map(name_of, ONE_KEYSTROKE))
"""The names of the slips of one keystroke: those that a slip in the name may come with."""


@lru_cache(100_000)
def suffix_slip(typed: str, intended: str) -> str:
    """The name of the slip between a typed suffix and the intended one; `same` where they are equal."""
    typed, intended = to_unicode(typed), to_unicode(intended)
    return next(name for slip, name in _NAMED if slip(typed, intended))


def _one_keystroke(typed: str, intended: str) -> bool:
    return OSA.distance(typed, intended, score_cutoff=1) == 1


def _registrant_kind(suffix: str) -> str:
    """The kind of registrant: `gov` for `gov`, `gov.uk` and `gov.bd`; empty for a suffix that names none."""
    first = suffix.partition(".")[0]
    return first if first in SECOND_LEVEL else ""
