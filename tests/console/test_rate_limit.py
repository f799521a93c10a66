"""The request rate of a visitor."""

from __future__ import annotations

from streams.console.rate_limit import VISITORS_KEPT, RateLimit


def test_a_burst_then_the_rate() -> None:
    rates = RateLimit(2, 5)
    assert [rates.take("a", 100.0) for _ in range(6)] == [True] * 5 + [False]
    assert not rates.take("a", 100.4)
    assert [rates.take("a", 100.5), rates.take("a", 100.5)] == [True, False]
    assert rates.take("b", 100.5)
    assert [rates.take("a", 1000.0) for _ in range(6)] == [True] * 5 + [False]


def test_memory_is_bounded() -> None:
    rates = RateLimit(1, 1)
    for visitor in range(VISITORS_KEPT + 1):
        rates.take(str(visitor), 0.0)
    assert rates.take("0", 0.0)
    assert not rates.take(str(VISITORS_KEPT), 0.0)
