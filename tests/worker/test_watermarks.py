"""How far event time has come in a partition."""

from __future__ import annotations

import pytest

from streams.worker.watermarks import LATENESS_MS, SourceProgress, watermark_ms

NOW_MS = 1_800_000_000_000


@pytest.mark.parametrize(
    ("newest_ms", "at_end", "history", "expected"),
    [
        (NOW_MS - 60_000, False, False, NOW_MS - 60_000 - LATENESS_MS),
        (NOW_MS - 60_000, True, False, NOW_MS - LATENESS_MS),
        (None, True, False, NOW_MS - LATENESS_MS),
        (None, False, False, None),
        (NOW_MS - 9_000_000, True, True, NOW_MS - 9_000_000 - LATENESS_MS),
        (None, True, True, None),
    ],
)
def test_watermark(newest_ms: int | None, at_end: bool, history: bool, expected: int | None) -> None:
    assert watermark_ms(newest_ms, at_end=at_end, now_ms=NOW_MS, history=history) == expected


def test_the_newest_time_never_goes_back() -> None:
    progress = SourceProgress()
    progress.advance(3, 10, 500)
    before = progress.snapshot()
    progress.advance(3, 20, 400)
    progress.advance(3, 30, None)
    assert (progress.next_offset, progress.newest_ms) == ({3: 30}, {3: 500})
    assert (before.next_offset, before.newest_ms) == ({3: 10}, {3: 500})
    progress.clear()
    assert (progress.next_offset, progress.newest_ms) == ({}, {})
