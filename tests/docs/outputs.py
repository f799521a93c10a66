"""Whether a command wrote what a page shows, given what differs from run to run."""

from __future__ import annotations

import re

ELIDED = "[...]"
_VARIABLE = {
    r"\b\d\d-\d\d \d\d:\d\d\b": "<time>",
    r"\b\d[\d,]*\.?\d* ?s\b": "<seconds>",
    r"\b\d[\d,]* a second\b": "<rate>",
    r"\b127\.0\.0\.1:\d+": "<address>",
    r"(?<=^alerts )\d+|(?<=^findings by severity ).+": "<count>",  # the demo's: they depend on when windows end
}
"""Patterns of what no two runs have in common, and what stands for them."""


def agrees(shown: str, written: str) -> bool:
    """Whether the lines shown are those written, in order; `[...]` stands for any number of lines.

    How many spaces part two words doesn't count, nor do durations, rates, addresses and times of day.
    """
    pattern = "".join(r"(?:.*\n)*?" if line == ELIDED else f"{re.escape(line)}\n" for line in _lines(shown))
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in _lines(written))) is not None


def _lines(text: str) -> list[str]:
    text = "\n".join(" ".join(line.split()) for line in text.strip().splitlines())
    for pattern, name in _VARIABLE.items():
        text = re.sub(pattern, name, text, flags=re.MULTILINE)
    return text.splitlines()
