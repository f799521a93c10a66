"""Sequences begin at the seconds since 2020."""

import pytest

from streams.findings.sequence import EPOCH_MS, first_sequence


@pytest.mark.parametrize(
    ("now_ms", "sequence"),
    [(0, 1), (EPOCH_MS, 1), (EPOCH_MS + 1_999, 1), (EPOCH_MS + 2_000, 2), (1_764_428_400_000, 186_591_600)],
)
def test_seconds_since_the_epoch(now_ms: int, sequence: int) -> None:
    assert first_sequence(now_ms) == sequence


def test_it_fits_into_32_bits_for_decades() -> None:
    year_2085_ms = 3_629_059_200_000
    assert first_sequence(year_2085_ms) < 2**31
