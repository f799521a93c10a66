"""Texts that mean harm to whoever reads them, and what must never be shown; independent of the package's own table."""

from __future__ import annotations

import unicodedata

from hypothesis import strategies as st

SHOW_NOTHING = (
    *("\u00ad", "\u034f", "\u061c", "\u115f", "\u1160", "\u17b4", "\u180b", "\u180e", "\u180f", "\u200b", "\u200d"),
    *("\u2060", "\u2065", "\u2800", "\u3164", "\ufe00", "\ufe0f", "\ufeff", "\uffa0", "\ufff0", "\U000e0001"),
    *("\U000e0100", "\U000e01ef", "\U0001d159", "\U00016fe4"),
)
STEER = ("\x00", "\t", "\n", "\r", "\x07", "\x1b[2J", "\x1b]52;c;eA==\x07", "\x7f", "\x9b2J", "\u2028", "\u2029")
REORDER = ("\u202a", "\u202e", "\u2066", "\u2067", "\u2068", "\u200e", "\u200f")
FORMULAS = ("=cmd()", " =1", "+1-", "-x", "@sum", "\uff1d1", "\ufe661", ";=1", '; "=1', "\ufeff=1", "\u22121x")
MARKUP = ("[red]", "[/]", "<b>", "&amp;", '"', "'", ",", "{{7*7}}", "${x}")

texts = st.lists(
    st.sampled_from([*SHOW_NOTHING, *STEER, *REORDER, *FORMULAS, *MARKUP, "a", "\u05d0", "e" + "\u0301" * 9])
    | st.characters(exclude_categories=["Cs"]),
    min_size=1,
    max_size=8,
).map("".join)
"""Hostile texts of every kind, mixed."""


def unsafe_in(text: str, allowed: str = "") -> set[str]:
    """The characters of the text that steer, reorder or show nothing; those in `allowed` are left out."""
    bad = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    return {c for c in text if unicodedata.category(c) in bad or c in SHOW_NOTHING} - set(allowed)


def texts_in(value: object) -> list[str]:
    """Every text in a value of JSON, names of fields too."""
    if isinstance(value, dict):
        return [text for pair in value.items() for each in pair for text in texts_in(each)]
    if isinstance(value, list):
        return [text for each in value for text in texts_in(each)]
    return [value] if isinstance(value, str) else []
