"""Times as people write them."""

from __future__ import annotations

import pytest

from streams.cli.shared.options import since_ms

NOW_MS = 1_700_000_000_000


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("90s", NOW_MS - 90_000),
        ("30m", NOW_MS - 1_800_000),
        ("2h", NOW_MS - 7_200_000),
        ("7d", NOW_MS - 604_800_000),
        ("2023-07-17T08:00:00Z", 1_689_580_800_000),
        ("2023-07-17T10:00:00+02:00", 1_689_580_800_000),
    ],
)
def test_times(text: str, since: int) -> None:
    assert since_ms(text, NOW_MS) == since


@pytest.mark.parametrize("text", ["", "h", "-2h", "2w", "yesterday", "2023-07-17T08:00:00", "2023-07-17", "1e3s"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        since_ms(text, NOW_MS)
