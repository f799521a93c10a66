"""What `confirm` would ask is counted once for a sender and a recipient."""

from __future__ import annotations

import pytest

from streams.gate import would_ask as module
from streams.gate.would_ask import AGAIN_MS, WouldAsk

NOW_MS = 1_780_000_000_000


def test_a_pair_is_asked_once_an_hour() -> None:
    would_ask = WouldAsk()
    times = (0, 1, AGAIN_MS - 1, AGAIN_MS, AGAIN_MS + 1)
    assert [would_ask.is_new("a", NOW_MS + ms) for ms in times] == [True, False, False, True, False]
    assert would_ask.is_new("b", NOW_MS)


def test_the_oldest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAIRS_KEPT", 2)
    would_ask = WouldAsk()
    assert all(would_ask.is_new(pair, NOW_MS) for pair in "abc")
    assert not would_ask.is_new("c", NOW_MS)
    assert would_ask.is_new("a", NOW_MS)
