"""Numbers of things in a sentence: `1 mail`, `1,200 mails`."""

from __future__ import annotations

from collections import Counter


def counted(number: int, noun: str) -> str:
    """The number and its noun, which gets an s unless there is exactly one."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def most_first(counts: Counter[str]) -> list[tuple[str, int]]:
    """The names with their counts, the largest first and equal ones by name, in whatever order they were counted."""
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
