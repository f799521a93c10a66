from __future__ import annotations

import pytest

from streams.memory import recently_taught
from streams.memory.recently_taught import RecentlyTaught


def test_what_was_taught_lately_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recently_taught, "PAIRS", 3)
    taught = RecentlyTaught()
    senders = [f"staff{number}@corp.example" for number in range(20)]

    def is_new(sender: str, *, day: int = 20_000, inbound: bool = False) -> bool:
        return bool(taught.new(day, inbound, sender, ["jo@army.mil"]))

    for sender in senders:
        [(address, mark)] = taught.new(20_000, False, sender, ["jo@army.mil"])
        assert address == "jo@army.mil"
        taught.add(mark)
        assert not is_new(sender)
        assert not is_new(senders[0]), "what is asked for stays"
        assert len(taught) <= 6
    assert is_new(senders[5])
    assert is_new(senders[19], day=20_001)
    assert is_new(senders[19], inbound=True)
