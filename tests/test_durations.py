"""Durations as people write them."""

import pytest

from streams.durations import parse_duration_ms, since_ms


@pytest.mark.parametrize(
    ("written", "expected_ms"),
    [
        ("24h", 86_400_000),
        ("7d", 7 * 86_400_000),
        ("30d", 30 * 86_400_000),
        ("90m", 5_400_000),
        ("2w", 14 * 86_400_000),
        ("45s", 45_000),
        (" 24 H ", 86_400_000),
        ("3600", 3_600_000),
        (3_600, 3_600_000),
        (0, 0),
    ],
)
def test_durations(written: str | int, expected_ms: int) -> None:
    assert parse_duration_ms(written) == expected_ms


@pytest.mark.parametrize("written", ["", "h", "1.5h", "-1h", "24 hours", "1h30m", "9" * 10, True])
def test_what_is_no_duration(written: str | int) -> None:
    with pytest.raises(ValueError, match="is not a duration; write a number and s, m, h, d or w, such as 24h"):
        parse_duration_ms(written)


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


@pytest.mark.parametrize("text", ["", "h", "-2h", "yesterday", "2023-07-17T08:00:00", "2023-07-17", "1e3s"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        since_ms(text, NOW_MS)
