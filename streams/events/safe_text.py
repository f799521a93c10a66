"""Makes text safe to show: mail data is hostile, and may try to steer a terminal or mislead its reader.

Every text that a person reads goes through `clean`: terminal, CSV, page, letter, alert and log. There is one table of
what is unsafe, and one notation for it, `\\u{202e}`.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any

from streams.data import rows

UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that steer a terminal, reorder text, or are invisible: controls, formats (such as bidi overrides
and zero-width characters), surrogates, private use, unassigned, line and paragraph separators."""
LONGEST_NAME = 120
"""Characters of a name shown within a sentence."""
DEEPEST = 40
"""Levels of nested values that `clean_values` goes down; an alert has fewer than ten."""
TOO_DEEP = "(nested too deeply to be shown)"
_MARKS_KEPT = 2
"""The most combining marks on a letter; more would only paint over the neighbouring lines."""


def is_unsafe(character: str) -> bool:
    """Whether the character steers a terminal, reorders text or shows nothing. Spaces are safe."""
    return unicodedata.category(character) in UNPRINTABLE or character in _invisible()


def clean(text: str) -> str:
    """The text in one line, with every unsafe character written as `\\u{202e}`, and every kind of space as a space.

    A combining mark at the start is unsafe too, since it would change the character before the text.
    """
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    marks = _MARKS_KEPT
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if category in UNPRINTABLE or marks > _MARKS_KEPT or character in _invisible():
            kept.append(f"\\u{{{ord(character):x}}}")
        else:
            kept.append(" " if category == "Zs" else character)
    return "".join(kept)


def clean_name(name: str) -> str:
    """The name, cleaned, and cut where it is longer than LONGEST_NAME characters."""
    return clean(name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…")


def clean_values(value: Any, levels: int = DEEPEST) -> Any:
    """A value of JSON with every text in it cleaned, names of fields too; what is nested deeper is left out."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, (dict, list)) and not levels:
        return TOO_DEEP
    if isinstance(value, dict):
        return {clean(name): clean_values(each, levels - 1) for name, each in value.items()}
    return [clean_values(each, levels - 1) for each in value] if isinstance(value, list) else value


def readable_domain(domain: str) -> str:
    """The domain with its `xn--` labels decoded and cleaned."""
    return ".".join(_readable_label(label) for label in domain.split("."))


def _readable_label(label: str) -> str:
    if not label.startswith("xn--"):
        return clean(label)
    try:
        return clean(label[4:].encode("ascii").decode("punycode"))
    except UnicodeError:
        return clean(label)


@cache
def _invisible() -> frozenset[str]:
    """The characters that show nothing though their category may look harmless."""
    ranges = (row.split("#")[0].strip().split("..") for row in rows("invisible.txt"))
    return frozenset(chr(code) for first, last in ranges for code in range(int(first, 16), int(last, 16) + 1))
