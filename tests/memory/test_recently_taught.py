from __future__ import annotations

import pytest

from streams.memory import recently_taught
from streams.memory.recently_taught import RecentlyTaught


def test_what_was_taught_lately_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recently_taught, "PAIRS", 3)
    taught = RecentlyTaught()
    pairs = [(20_000, False, f"staff{number}@corp.example", "jo@army.mil") for number in range(20)]
    for pair in pairs:
        assert pair not in taught
        taught.add(pair)
        assert pair in taught
        assert pairs[0] in taught, "what is asked for stays"
        assert len(taught) <= 6
    assert pairs[5] not in taught
    assert (20_001, *pairs[19][1:]) not in taught
    assert (20_000, True, *pairs[19][2:]) not in taught
