"""Windows are the same whether they are packed or not, and the pool has no more names than they need."""

import pytest

from streams.events.finding import CREATE, OPEN
from streams.findings.rules import Rule
from streams.findings.settings import FindingsSettings
from streams.findings.store.interned import InternedDomains
from streams.findings.store.last_alert import LastAlert
from streams.findings.store.window_state import (
    WindowState,
    header_of,
    is_late,
    key_of,
    neighbour,
    packed_hits,
    start_of,
    unpack_window,
    window_key,
)
from streams.findings.store.window_store import WindowStore
from streams.severity import Severity
from tests.findings.samples import DAY_MS, MONDAY_MS, hit
from tests.findings.store.test_tally import entry

RULE: Rule = FindingsSettings().policy().rules[0]
DIGEST = b"rule"


def filled(number: int = 0, domain: str = "army.ml") -> WindowState:
    window = WindowState(
        window_key(DIGEST, number.to_bytes(16), MONDAY_MS), RULE, MONDAY_MS + 2 * DAY_MS, MONDAY_MS + 3 * DAY_MS
    )
    for mail in range(3):
        window.tally.add(entry(hit=mail, mail=mail, domain=1), 2)
    window.names.sender = "desk7@mod.gov.uk"
    window.names.domains[(1).to_bytes(4)] = hit(domain=domain, group="allies").mistaken_domain
    window.names.labels["SECRET"] = None
    window.has_names_record = True
    window.last_alert = LastAlert(
        1, CREATE, Severity.LOW, 1, 1, 0, 1, 0, count_is_minimum=False, window=OPEN, created_ms=0, time_ms=0
    )
    return window


def parts(window: WindowState) -> object:
    names = (window.names.sender, window.names.domains, list(window.names.labels))
    tally = (window.tally.packed(), window.tally.count_is_minimum)
    return (
        window.key,
        window.rule,
        window.final_ms,
        window.drop_ms,
        names,
        tally,
        window.has_names_record,
        window.last_alert,
    )


def test_a_packed_window_is_restored() -> None:
    window, pool = filled(), InternedDomains()
    packed = window.pack(pool)
    assert header_of(packed).is_open
    assert packed_hits(packed) == [(0).to_bytes(8), (1).to_bytes(8)]
    assert list(pool) == [hit(group="allies").mistaken_domain]
    assert parts(unpack_window(window.key, RULE, packed, pool)) == parts(window)
    assert list(pool) == []


@pytest.mark.parametrize("first_hit", [b"", b"12345678"])
def test_keys(first_hit: bytes) -> None:
    key = window_key(DIGEST, b"k" * 16, -5, first_hit)
    assert (start_of(key), key_of(key), is_late(key)) == (-5, b"k" * 16, bool(first_hit))
    assert start_of(neighbour(key, DAY_MS)) == DAY_MS - 5
    assert not is_late(neighbour(key, DAY_MS))


def test_the_least_recently_used_windows_are_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.findings.store.window_store.MAX_UNPACKED", 2)
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


def test_windows_with_many_hits_are_packed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.findings.store.window_store.MAX_UNPACKED_HITS", 3)
    windows = WindowStore({DIGEST: RULE})
    made = [filled(number) for number in range(3)]
    for window in made:
        windows.add(window)
    windows.trim()
    assert [isinstance(windows.peek(window.key), WindowState) for window in made] == [False, False, True]


def test_reported_hits_count_towards_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.findings.store.window_store.MAX_UNPACKED_HITS", 4)
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
    monkeypatch.setattr("streams.findings.store.window_store.MAX_UNPACKED", 1)
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
