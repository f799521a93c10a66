"""The table that gates share: whatever the order and the repeats, all of them know the same."""

from __future__ import annotations

import random
from typing import Any

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
    refused_record,
    withdrawn_record,
)

NOW_MS = 1_780_000_000_000
WINDOW_MS, REMEMBER_MS = 3_600_000, 30 * 86_400_000
PAIR, OTHER, CORRECTS = "a" * 32, "b" * 32, "c" * 32
MAIL, OTHER_MAIL = "d" * 32, "e" * 32


def empty() -> Confirmations:
    return Confirmations(WINDOW_MS, REMEMBER_MS)


def table_of(*records: StoredRecord, now_ms: int = NOW_MS) -> Confirmations:
    table = empty()
    for key, value in records:
        table.take(key, value, now_ms=now_ms)
    return table


def key_of(time_ms: int = NOW_MS, pair: str = PAIR, mail: str | None = None) -> AskKey:
    return AskKey.of(pair, ask_of(time_ms, mail))


def ask_of(time_ms: int, mail: str | None = None, *, final: bool = False) -> Ask:
    return Ask(time_ms, "policy", "army.ml", "army.mil", CORRECTS, mail, final=final)


def asked(time_ms: int, pair: str = PAIR, mail: str | None = None, *, final: bool = False) -> StoredRecord:
    return asked_record(key_of(time_ms, pair, mail), ask_of(time_ms, mail, final=final))


def asked_at(table: Confirmations, now_ms: int = NOW_MS, pair: str = PAIR, **how: Any) -> int | None:
    found = table.open_ask(pair, "policy", now_ms, **how)
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
    table.take(*withdrawn_record(key_of()), now_ms=NOW_MS)
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
    table = table_of(asked(NOW_MS + 1_000))
    assert asked_at(table) == NOW_MS + 1_000
    assert table.last_refused_ms(PAIR) == NOW_MS + 1_000


def test_what_became_known_late_counts_from_then_on() -> None:
    """The clock of another gate may be behind, and a gate that starts knows no refusal after the ask."""
    table = table_of(asked(NOW_MS - 40_000))
    assert table.last_refused_ms(PAIR) == NOW_MS
    table.take(*asked(NOW_MS - 40_000), now_ms=NOW_MS + 10_000)
    assert table.last_refused_ms(PAIR) == NOW_MS, "it is known already"
    table.take(*refused_record(PAIR, NOW_MS - 30_000, None), now_ms=NOW_MS + 10_000)
    assert table.last_refused_ms(PAIR) == NOW_MS + 10_000
    assert table.last_refused_ms(OTHER) is None


def test_what_another_gate_has_just_stored_counts_from_its_time_on() -> None:
    assert table_of(asked(NOW_MS - 2_000)).last_refused_ms(PAIR) == NOW_MS - 2_000
    assert table_of(asked(NOW_MS - 2_001)).last_refused_ms(PAIR) == NOW_MS


def test_the_mails_that_were_refused_are_known() -> None:
    table = table_of(asked(NOW_MS, mail=MAIL), asked(NOW_MS + 1, mail=OTHER_MAIL))
    assert [table.was_refused(PAIR, mail) for mail in (MAIL, OTHER_MAIL, "f" * 32, None)] == [True, True, False, False]
    assert not table.was_refused(OTHER, MAIL)
    table.take(*refused_record(PAIR, NOW_MS + 2, "f" * 32), now_ms=NOW_MS)
    assert table.was_refused(PAIR, "f" * 32)


def test_each_ask_is_withdrawn_by_itself() -> None:
    table = table_of(asked(NOW_MS, mail=MAIL), asked(NOW_MS, mail=OTHER_MAIL))
    table.take(*withdrawn_record(key_of(mail=MAIL)), now_ms=NOW_MS)
    found = table.open_ask(PAIR, "policy", NOW_MS)
    assert found is not None
    assert found[1].mail == OTHER_MAIL


def test_asks_over_another_protocol_and_final_ones_are_others() -> None:
    table = table_of(asked(NOW_MS, final=True))
    assert asked_at(table) is None
    assert asked_at(table, is_final=True) == NOW_MS
    assert table.open_ask(PAIR, "milter", NOW_MS, is_final=True) is None


def test_a_corrected_ask_is_closed_but_for_the_mail_that_corrected_it() -> None:
    table = table_of(asked(NOW_MS), corrected_record(key_of(), NOW_MS + 1, MAIL))
    assert asked_at(table, mail=OTHER_MAIL) is None
    assert asked_at(table) is None
    assert asked_at(table, mail=MAIL) == NOW_MS
    table.take(*asked(NOW_MS + 2), now_ms=NOW_MS + 2)
    assert asked_at(table) == NOW_MS + 2


def test_a_withdrawn_ask_was_none() -> None:
    table = table_of(asked(NOW_MS), withdrawn_record(key_of()))
    assert asked_at(table) is None
    assert table.last_refused_ms(PAIR) is None
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
    assert (key, ask.time) == (key_of(), NOW_MS)
    table.take(*corrected_record(key, NOW_MS, None), now_ms=NOW_MS)
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
        assert asked_at(one, NOW_MS + later_ms, pair) == asked_at(other, NOW_MS + later_ms, pair)
        assert one.is_confirmed(pair, NOW_MS + later_ms) == other.is_confirmed(pair, NOW_MS + later_ms)


def test_what_is_old_is_dropped() -> None:
    table = table_of(asked(NOW_MS), confirmed_record(PAIR, NOW_MS), corrected_record(key_of(), NOW_MS, None))
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
    table = table_of(*stored, *(corrected_record(key_of(NOW_MS + 1, pair), NOW_MS, None) for pair in pairs))
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
@pytest.mark.parametrize("key", [b"asked:%b:1", b"refused:%b", b"confirmed:%b", b"corrected:%b:1"])
def test_values_that_are_none_are_skipped(key: bytes, value: bytes) -> None:
    table = table_of((key % PAIR.encode(), value))
    assert len(table) == 0
    assert table.unreadable == 1
    assert not list(table.to_correct(CORRECTS))
