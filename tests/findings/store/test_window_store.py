"""WindowStore are the same whether they are packed or not, and hold no more names than they have."""

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
    slot_key,
    start_of,
    unpack_slot,
)
from streams.findings.store.window_store import WindowStore
from streams.severity import Severity
from tests.findings.samples import DAY_MS, MONDAY_MS, hit
from tests.findings.store.test_tally import entry

RULE: Rule = FindingsSettings().policy().rules[0]
DIGEST = b"rule"


def filled(number: int = 0, domain: str = "army.ml") -> WindowState:
    slot = WindowState(
        slot_key(DIGEST, number.to_bytes(16), MONDAY_MS), RULE, MONDAY_MS + 2 * DAY_MS, MONDAY_MS + 3 * DAY_MS
    )
    for mail in range(3):
        slot.tally.add(entry(hit=mail, mail=mail, domain=1), 2)
    slot.names.sender = "desk7@mod.gov.uk"
    slot.names.domains[(1).to_bytes(4)] = hit(domain=domain, group="allies").mistaken_domain
    slot.names.labels["SECRET"] = None
    slot.noted = True
    slot.published = LastAlert(
        1, CREATE, Severity.LOW, 1, 1, 0, 1, 0, count_is_minimum=False, window=OPEN, created_ms=0, time_ms=0
    )
    return slot


def parts(slot: WindowState) -> object:
    names = (slot.names.sender, slot.names.domains, list(slot.names.labels))
    tally = (slot.tally.packed(), slot.tally.refused)
    return slot.key, slot.rule, slot.final_ms, slot.drop_ms, names, tally, slot.noted, slot.published


def test_a_packed_slot_comes_back() -> None:
    slot, pool = filled(), InternedDomains()
    packed = slot.pack(pool)
    assert header_of(packed).is_open
    assert packed_hits(packed) == [(0).to_bytes(8), (1).to_bytes(8)]
    assert list(pool) == [hit(group="allies").mistaken_domain]
    assert parts(unpack_slot(slot.key, RULE, packed, pool)) == parts(slot)
    assert list(pool) == []


@pytest.mark.parametrize("opened_by", [b"", b"12345678"])
def test_keys(opened_by: bytes) -> None:
    key = slot_key(DIGEST, b"k" * 16, -5, opened_by)
    assert (start_of(key), key_of(key), is_late(key)) == (-5, b"k" * 16, bool(opened_by))
    assert start_of(neighbour(key, DAY_MS)) == DAY_MS - 5
    assert not is_late(neighbour(key, DAY_MS))


def test_what_was_used_longest_ago_is_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.findings.store.window_store.MOST_IN_USE", 2)
    slots = WindowStore({DIGEST: RULE})
    made = [filled(number, f"army{number}.ml") for number in range(4)]
    for slot in made:
        slots.add(slot)
    assert slots.get(made[0].key) is made[0]
    slots.trim()
    assert [slots.get(slot.key) is slot for slot in made] == [True, False, False, True]
    again = [slots.get(slot.key) for slot in made]
    assert [parts(slot) for slot in again if slot is not None] == [parts(slot) for slot in made]
    assert (len(slots), set(slots)) == (4, {slot.key for slot in made})


def test_many_hits_in_use_are_packed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.findings.store.window_store.MOST_HITS_IN_USE", 3)
    slots = WindowStore({DIGEST: RULE})
    made = [filled(number) for number in range(3)]
    for slot in made:
        slots.add(slot)
    slots.trim()
    assert [isinstance(slots.peek(slot.key), WindowState) for slot in made] == [False, False, True]


def test_hits_that_came_to_a_slot_in_use_are_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.findings.store.window_store.MOST_HITS_IN_USE", 4)
    slots, made = WindowStore({DIGEST: RULE}), [filled(number) for number in range(2)]
    for slot in made:
        slots.add(slot)

    def in_use() -> list[bool]:
        return [isinstance(slots.peek(slot.key), WindowState) for slot in made]

    slots.trim()
    assert in_use() == [True, True]
    assert made[1].tally.add(entry(hit=9, mail=9, domain=1), 9)
    slots.grew(1)
    slots.trim()
    assert in_use() == [False, True]
    slots.grew(-len(made[1].tally.remove({(1).to_bytes(4)})))
    assert slots.get(made[0].key) is not None
    slots.trim()
    assert in_use() == [True, True]


def test_names_are_known_of_packed_and_unpacked_slots_until_they_are_taken_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.findings.store.window_store.MOST_IN_USE", 1)
    slots, packed, unpacked = WindowStore({DIGEST: RULE}), filled(0, "army.ml"), filled(1, "navy.ml")
    slots.add(packed)
    slots.add(unpacked)
    slots.trim()
    assert slots.all_domains() == {"army.ml", "navy.ml"}
    assert (slots.domains(packed.key), slots.domains(unpacked.key)) == ({"army.ml"}, {"navy.ml"})
    for slot in (packed, unpacked):
        last_known, hits = slots.pop(slot.key)
        assert (last_known.final_ms, last_known.noted, len(hits)) == (slot.final_ms, True, 2)
        assert slots.get(slot.key) is None
        assert slot.key not in slots
    assert slots.all_domains() == set()
    assert list(slots.pool) == []
