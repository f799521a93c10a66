"""The table that gates share: whatever the order and the repeats, all of them know the same."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.gate import confirmations as module
from streams.gate.confirmations import (
    Ask,
    AskKey,
    Confirmations,
    StoredRecord,
    asked_record,
    confirmed_record,
    corrected_record,
    withdrawn_record,
)

NOW_MS = 1_780_000_000_000
WINDOW_MS, REMEMBER_MS = 3_600_000, 30 * 86_400_000
PAIR, OTHER, CORRECTS = "a" * 32, "b" * 32, "c" * 32


def empty() -> Confirmations:
    return Confirmations(WINDOW_MS, REMEMBER_MS)


def table_of(*records: StoredRecord, now_ms: int = NOW_MS) -> Confirmations:
    table = empty()
    for key, value in records:
        table.take(key, value, now_ms=now_ms)
    return table


def asked(time_ms: int, pair: str = PAIR, mail: str | None = None) -> StoredRecord:
    return asked_record(empty().next_ask(pair, time_ms), Ask(time_ms, "policy", "army.ml", "army.mil", CORRECTS, mail))


def asked_at(table: Confirmations, now_ms: int = NOW_MS, pair: str = PAIR) -> int | None:
    found = table.open_ask(pair, now_ms)
    return found and found[1].time


def test_an_ask_is_open_for_its_window_and_for_its_pair() -> None:
    table = table_of(asked(NOW_MS))
    assert asked_at(table) == NOW_MS
    assert asked_at(table, NOW_MS + WINDOW_MS - 1) == NOW_MS
    assert asked_at(table, NOW_MS + WINDOW_MS) is None
    assert asked_at(table, pair=OTHER) is None


def test_mail_to_a_domain_that_no_open_ask_means_corrects_nothing() -> None:
    table = table_of(asked(NOW_MS), asked(NOW_MS, OTHER))
    assert table.is_intended("army.mil")
    assert not table.is_intended("army.ml")
    table.take(*withdrawn_record(table.next_ask(PAIR, NOW_MS)), now_ms=NOW_MS)
    assert table.is_intended("army.mil"), "the other ask is open"
    table.drop_old(NOW_MS + WINDOW_MS)
    assert not table.is_intended("army.mil")


def test_of_two_asks_the_first_counts_until_it_is_over() -> None:
    first, second = asked(NOW_MS - WINDOW_MS + 1), asked(NOW_MS)
    table = table_of(second, first)
    assert asked_at(table) == NOW_MS - WINDOW_MS + 1
    assert asked_at(table, NOW_MS + 1) == NOW_MS


def test_of_concurrent_asks_the_least_time_counts() -> None:
    assert asked_at(table_of(asked(NOW_MS + 5), asked(NOW_MS), asked(NOW_MS + 3))) == NOW_MS


def test_a_gate_whose_clock_is_ahead_has_asked_too() -> None:
    ahead_ms = NOW_MS - NOW_MS % WINDOW_MS + WINDOW_MS
    table = table_of(asked(ahead_ms), now_ms=ahead_ms - 1_000)
    assert asked_at(table, ahead_ms - 1_000) == ahead_ms


def test_a_withdrawn_ask_was_none() -> None:
    key = empty().next_ask(PAIR, NOW_MS)
    table = table_of(asked(NOW_MS), withdrawn_record(key))
    assert asked_at(table) is None
    assert list(table.to_correct(CORRECTS)) == []
    assert not table.sizes["asked"]


def test_a_confirmation_holds_for_a_while_from_the_last_one() -> None:
    table = table_of(confirmed_record(PAIR, NOW_MS), confirmed_record(PAIR, NOW_MS - 10))
    assert table.is_confirmed(PAIR, NOW_MS + REMEMBER_MS - 1)
    assert not table.is_confirmed(PAIR, NOW_MS + REMEMBER_MS)
    assert not table.is_confirmed(OTHER, NOW_MS)


def test_a_correction_is_noticed_once() -> None:
    table = table_of(asked(NOW_MS))
    [(key, ask)] = table.to_correct(CORRECTS)
    assert (key, ask.time) == (AskKey(PAIR, NOW_MS // WINDOW_MS), NOW_MS)
    table.take(*corrected_record(key, NOW_MS), now_ms=NOW_MS)
    assert list(table.to_correct(CORRECTS)) == []


records = st.one_of(
    st.builds(asked, st.integers(NOW_MS - 3 * WINDOW_MS, NOW_MS), st.sampled_from([PAIR, OTHER])),
    st.builds(confirmed_record, st.sampled_from([PAIR, OTHER]), st.integers(NOW_MS - REMEMBER_MS, NOW_MS)),
)


@given(st.lists(records, max_size=12), st.randoms(use_true_random=False), st.integers(0, WINDOW_MS))
def test_any_order_and_any_repeats_make_the_same_table(
    stored: list[StoredRecord], shuffled: random.Random, later_ms: int
) -> None:
    mixed = [*stored, *stored[: len(stored) // 2]]
    shuffled.shuffle(mixed)
    one, other = table_of(*stored), table_of(*mixed)
    for pair in (PAIR, OTHER):
        assert one.open_ask(pair, NOW_MS + later_ms) == other.open_ask(pair, NOW_MS + later_ms)
        assert one.is_confirmed(pair, NOW_MS + later_ms) == other.is_confirmed(pair, NOW_MS + later_ms)


def test_what_is_old_is_dropped() -> None:
    key = AskKey(PAIR, NOW_MS // WINDOW_MS)
    table = table_of(asked(NOW_MS), confirmed_record(PAIR, NOW_MS), corrected_record(key, NOW_MS))
    table.drop_old(NOW_MS + WINDOW_MS - 1)
    assert table.sizes == {"asked": 1, "confirmed": 1}
    table.drop_old(NOW_MS + WINDOW_MS)
    assert table.sizes == {"asked": 0, "confirmed": 1}
    table.drop_old(NOW_MS + REMEMBER_MS)
    assert len(table) == 0
    assert table_of(asked(NOW_MS), confirmed_record(PAIR, NOW_MS), now_ms=NOW_MS + REMEMBER_MS).sizes == table.sizes


def test_what_is_old_is_dropped_bit_by_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOKED_AT", 2)
    pairs = [f"{number:032x}" for number in range(5)]
    table = table_of(*(record for pair in pairs for record in (asked(NOW_MS, pair), confirmed_record(pair, NOW_MS))))
    sizes = []
    for _ in range(3):
        table.drop_old(NOW_MS + REMEMBER_MS)
        sizes.append(len(table))
    assert sizes == [6, 2, 0]


def test_it_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    pairs = [f"{number:032x}" for number in range(5)]
    stored = [record for pair in pairs for record in (asked(NOW_MS, pair), confirmed_record(pair, NOW_MS))]
    table = table_of(*stored, *(corrected_record(AskKey(pair, 1), NOW_MS) for pair in pairs))
    assert table.sizes == {"asked": 2, "confirmed": 2}
    assert [asked_at(table, pair=pair) for pair in pairs] == [None, None, None, NOW_MS, NOW_MS]


@given(st.binary(max_size=60) | st.none(), st.binary(max_size=60) | st.none())
def test_other_bytes_are_skipped(key: bytes | None, value: bytes | None) -> None:
    table = table_of((key or b"", value))
    assert len(table) == 0
    assert table.unreadable == 1


@pytest.mark.parametrize(
    "value",
    [b"", b"{}", b'{"time":1}', b'{"time":"now"}', b"[" * 100_000, b'{"time":%d}' % (NOW_MS + 300_001), b"\xff"],
)
@pytest.mark.parametrize("key", [b"asked:%b:1", b"confirmed:%b", b"corrected:%b:1"])
def test_values_that_are_none_are_skipped(key: bytes, value: bytes) -> None:
    table = table_of((key % PAIR.encode(), value))
    assert len(table) == 0
    assert table.unreadable == 1
    assert not list(table.to_correct(CORRECTS))
