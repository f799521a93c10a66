"""The watermark waits for all source partitions and never goes back."""

import pytest

from streams.events.hit import Tick
from streams.findings.watermark import Watermark


@pytest.mark.parametrize(
    ("loaded", "ticks", "expected"),
    [
        (None, [], None),
        (None, [Tick({}, 0)], None),
        (None, [Tick({"0": 5}, 1)], 5),
        (None, [Tick({"0": 5}, 2)], None),
        (None, [Tick({"0": 5}, 2), Tick({"1": 3}, 2)], 3),
        (None, [Tick({"0": 5, "1": 7}, 2), Tick({"0": 4}, 2)], 5),
        (None, [Tick({"0": 5, "1": 7}, 2), Tick({"0": 9}, 2)], 7),
        (10, [], 10),
        (10, [Tick({"0": 5}, 1)], 10),
        (10, [Tick({"0": 15}, 2)], 10),
        (10, [Tick({"0": 15}, 2), Tick({"1": 12}, 2)], 12),
        (None, [Tick({"0": -5}, 1)], -5),
    ],
)
def test_watermarks(loaded: int | None, ticks: list[Tick], expected: int | None) -> None:
    watermark = Watermark(loaded)
    for tick in ticks:
        watermark.update(tick)
    assert watermark.ms == expected


def test_what_has_passed() -> None:
    assert not Watermark().has_passed(-(2**60))
    assert [Watermark(10).has_passed(time) for time in (9, 10, 11)] == [True, True, False]
