"""Numbers of things in a sentence: `1 mail`, `1,200 mails`."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """The number and its noun, which gets an s unless there is exactly one."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
