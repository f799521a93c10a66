"""Makes text safe to show: mail data is hostile, and may try to steer a terminal or mislead its reader."""

from __future__ import annotations

import unicodedata

UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that steer a terminal, reorder text, or are invisible: controls, formats (such as bidi overrides
and zero-width characters), surrogates, private use, unassigned, line and paragraph separators."""
_MARKS_KEPT = 2
"""The most combining marks on a letter; more would only paint over the neighbouring lines."""


def clean(text: str) -> str:
    """The text in one line, with every unsafe character written as `\\u{202e}`."""
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if category in UNPRINTABLE or marks > _MARKS_KEPT:
            kept.append(f"\\u{{{ord(character):x}}}")
        else:
            kept.append(" " if category == "Zs" else character)
    return "".join(kept)


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
