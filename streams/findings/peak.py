"""The peak: the largest number of distinct mails (or senders) in any span as long as a window.

It spans the border of two windows, so that a burst there is not halved.
"""

from collections import Counter, deque
from collections.abc import Iterable
from typing import NamedTuple

Moment = tuple[int, bytes]
"""A time in ms, and the mail or sender that is counted then."""


class Peaks(NamedTuple):
    """The peak of all mails, by which a finding exists, and that of the mails that were accepted, or may have been."""

    of_all: int
    of_accepted: int


def peak(before: Iterable[Moment], inside: Iterable[Moment], length_ms: int) -> int:
    """The most distinct units in a span (t - length_ms, t] that ends at a moment of `inside`.

    `inside` are the moments of one window of `length_ms`, `before` those of the window before it.
    """
    moments = sorted([(time_ms, unit, False) for time_ms, unit in before] + [(t, unit, True) for t, unit in inside])
    span: deque[Moment] = deque()
    units: Counter[bytes] = Counter()
    largest = 0
    for time_ms, unit, is_inside in moments:
        span.append((time_ms, unit))
        units[unit] += 1
        while span[0][0] <= time_ms - length_ms:
            _, expired = span.popleft()
            units[expired] -= 1
            if not units[expired]:
                del units[expired]
        if is_inside:
            largest = max(largest, len(units))
    return largest
