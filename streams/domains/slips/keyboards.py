"""Neighbouring keys, on the layouts of `data/keyboards.txt` taken together."""

from collections import defaultdict
from functools import cache

from streams import data


@cache
def neighbours() -> dict[str, frozenset[str]]:
    """The neighbours of each key: next to it in its own row, or less than one key away in the row above or below."""
    near: dict[str, set[str]] = defaultdict(set)
    for layout in data.rows("keyboards.txt"):
        places = _places(layout.split()[1:])
        for key, (row, x) in places.items():
            near[key].update(other for other, place in places.items() if other != key and _touch((row, x), place))
    return {key: frozenset(others) for key, others in near.items()}


def _places(rows: list[str]) -> dict[str, tuple[int, float]]:
    places = {}
    for number, row in enumerate(rows):
        inset, _, keys = row.partition(":")
        places.update({key: (number, float(inset) + x) for x, key in enumerate(keys) if key != "_"})
    return places


def _touch(one: tuple[int, float], other: tuple[int, float]) -> bool:
    rows, keys = abs(one[0] - other[0]), abs(one[1] - other[1])
    return keys <= 1 if rows == 0 else rows == 1 and keys < 1
