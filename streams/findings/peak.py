"""The largest number of distinct mails (or senders) in any span as long as a window, so that a burst over the border of
two windows is not halved."""

from collections import Counter, deque
from collections.abc import Iterable

Moment = tuple[int, bytes]
"""A time in ms and what is counted there."""


def peak(before: Iterable[Moment], inside: Iterable[Moment], length_ms: int) -> int:
    """The most distinct units in a span (t - length_ms, t] that ends at a moment of `inside`.

    `inside` are the moments of one window of `length_ms`, `before` those of the window before it.
    """
    moments = sorted([(time_ms, unit, False) for time_ms, unit in before] + [(t, unit, True) for t, unit in inside])
    span: deque[Moment] = deque()
    present: Counter[bytes] = Counter()
    largest = 0
    for time_ms, unit, is_inside in moments:
        span.append((time_ms, unit))
        present[unit] += 1
        while span[0][0] <= time_ms - length_ms:
            _, gone = span.popleft()
            present[gone] -= 1
            if not present[gone]:
                del present[gone]
        if is_inside:
            largest = max(largest, len(present))
    return largest
