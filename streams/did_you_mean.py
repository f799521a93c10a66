"""Suggests the known name that a mistyped one was meant to be: a setting, a command, a key, a rule."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

MOST = 3
"""So many suggestions at most."""


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """`did you mean 'x'?` with the known names that are nearest to the given one; empty where none is near."""
    return asked(nearest_names(given, known))


def or_list(given: str, known: Iterable[str]) -> str:
    """What is nearest to the given name, and where nothing is, all that may be used: `use a, b or c`."""
    names = list(known)
    return did_you_mean(given, names) or f"use {_joined(names)}"


def asked(names: Sequence[str]) -> str:
    """Whether one of these was meant, as a question; empty where there is none."""
    return f"did you mean {_joined([repr(str(name)) for name in names])}?" if names else ""


def _joined(names: Sequence[str]) -> str:
    return " or ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def nearest_names(given: str, known: Iterable[str]) -> list[str]:
    """The nearest of the known names, at most MOST. Capitals, and whether words are parted by `-`, `_` or `.`, don't
    count.

    Near is a name with a third of its letters wrong or fewer, or one letter of three. Where there is none, it is a name
    that begins with the given one, that has its words among its own, or whose words the given one has.
    """
    from rapidfuzz.distance import OSA  # costs a few ms, and only mistakes need it

    wanted, names = _folded(given), {name: _folded(name) for name in known}
    far = max(1, len(wanted) // 3) if len(wanted) > 2 else 0
    distances = {name: OSA.distance(wanted, folded, score_cutoff=far) for name, folded in names.items()}
    least = min(distances.values(), default=far + 1)
    if least <= far:
        return [name for name, distance in distances.items() if distance == least][:MOST]
    return [name for name, folded in names.items() if _shares_words(wanted, folded)][:MOST]


def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _shares_words(wanted: str, known: str) -> bool:
    if not wanted:
        return False
    return known.startswith(wanted) or f"_{wanted}_" in f"_{known}_" or f"_{known}_" in f"_{wanted}_"
