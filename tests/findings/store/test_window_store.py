"""Windows are the same whether they are packed or not, and the pool has no more names than they need."""

import pytest

from streams.findings.store.window_state import WindowState, header_of
from streams.findings.store.window_store import WindowStore
from tests.findings.store.samples import DIGEST, RULE, filled, parts
from tests.findings.store.test_tally import entry


def test_the_least_recently_used_windows_are_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.findings.store.unpacked_budget.MAX_UNPACKED", 2)
    windows = WindowStore({DIGEST: RULE})
    made = [filled(number, f"army{number}.ml") for number in range(4)]
    for window in made:
        windows.add(window)
    assert windows.get(made[0].key) is made[0]
    windows.trim()
    assert [windows.get(window.key) is window for window in made] == [True, False, False, True]
    again = [windows.get(window.key) for window in made]
    assert [parts(window) for window in again if window is not None] == [parts(window) for window in made]
    assert (len(windows), set(windows)) == (4, {window.key for window in made})


def test_the_number_of_hits_is_the_same_packed_or_not() -> None:
    windows, window = WindowStore({DIGEST: RULE}), filled()
    window.tally.add(entry(hit=1, mail=1, domain=1, delivery="delivered"), 9)
    windows.add_packed(b"packed", header_of(window.pack(windows.pool)).encoded(), window.tally.packed())
    windows.add(window)
    assert windows.hit_count == 6
    assert [len(windows.pop(key)[1]) for key in (window.key, b"packed")] == [len(window.tally)] * 2 == [3, 3]
    assert windows.hit_count == 0


def test_windows_with_many_hits_are_packed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.findings.store.unpacked_budget.MAX_UNPACKED_HITS", 3)
    windows = WindowStore({DIGEST: RULE})
    made = [filled(number) for number in range(3)]
    for window in made:
        windows.add(window)
    windows.trim()
    assert [isinstance(windows.peek(window.key), WindowState) for window in made] == [False, False, True]


def test_reported_hits_count_towards_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.findings.store.unpacked_budget.MAX_UNPACKED_HITS", 4)
    windows, made = WindowStore({DIGEST: RULE}), [filled(number) for number in range(2)]
    for window in made:
        windows.add(window)

    def unpacked() -> list[bool]:
        return [isinstance(windows.peek(window.key), WindowState) for window in made]

    windows.trim()
    assert unpacked() == [True, True]
    assert made[1].tally.add(entry(hit=9, mail=9, domain=1), 9)
    windows.grew(1)
    windows.trim()
    assert unpacked() == [False, True]
    windows.grew(-len(made[1].tally.remove({(1).to_bytes(4)})))
    assert windows.get(made[0].key) is not None
    windows.trim()
    assert unpacked() == [True, True]


def test_a_window_has_its_domains_packed_or_not_until_it_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.findings.store.unpacked_budget.MAX_UNPACKED", 1)
    windows, packed, unpacked = WindowStore({DIGEST: RULE}), filled(0, "army.ml"), filled(1, "navy.ml")
    windows.add(packed)
    windows.add(unpacked)
    windows.trim()
    assert windows.all_domains() == {"army.ml", "navy.ml"}
    assert (windows.domains(packed.key), windows.domains(unpacked.key)) == ({"army.ml"}, {"navy.ml"})
    for window in (packed, unpacked):
        removed, hits = windows.pop(window.key)
        assert (removed.final_ms, removed.has_names_record, len(hits)) == (window.final_ms, True, 2)
        assert windows.get(window.key) is None
        assert window.key not in windows
    assert windows.all_domains() == set()
    assert list(windows.pool) == []
