"""What asking achieved, beside what the tests of the gate show."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from streams.gate.confirmations import Ask, AskKey, Confirmations, asked_record, confirmed_record
from streams.gate.outcome import SENDERS_KEPT, Machines, corrected
from streams.gate.question import GateProtocol
from tests.gate.gates import MINUTE, START_MS

PAIR, TO, MAIL, OTHER_MAIL = "a" * 32, "b" * 32, "c" * 32, "d" * 32
KEY = AskKey(PAIR, str(START_MS))


def table(mail: str | None = MAIL, *, is_confirmed: bool = False) -> Confirmations:
    found = Confirmations(60 * MINUTE, 60 * MINUTE)
    found.take(*asked_record(KEY, Ask(START_MS, "policy", "navy.ml", "navy.mil", TO, mail)), now_ms=START_MS)
    if is_confirmed:
        found.take(*confirmed_record(PAIR, START_MS), now_ms=START_MS)
    return found


def keys(
    found: Confirmations, mail: str | None = OTHER_MAIL, protocol: GateProtocol = "policy", after_ms: int = MINUTE
) -> list[AskKey]:
    asks = corrected(found, [PAIR, TO], protocol=protocol, mail=mail, now_ms=START_MS + after_ms)
    return [key for key, _ in asks]


def test_another_mail_to_the_intended_address_corrects() -> None:
    assert keys(table()) == [KEY]


def test_what_may_be_the_same_mail_does_not() -> None:
    assert keys(table(), MAIL) == []
    assert keys(table(), None) == []
    assert keys(table(None)) == []
    assert keys(table(), protocol="milter") == [], "Postfix may ask over both about one mail"


def test_nor_does_mail_after_a_confirmation_or_after_too_long() -> None:
    assert keys(table(is_confirmed=True)) == []
    assert keys(table(), after_ms=15 * MINUTE) == [KEY]
    assert keys(table(), after_ms=15 * MINUTE + 1) == []
    assert keys(table(), after_ms=-1) == []


@pytest.mark.parametrize(
    ("delays_s", "expected"),
    [
        ([300, 301, 299], [False, False, True]),
        ([300, 301, 303], [False, False, False]),
        ([31, 300, 301, 302], [False, False, False, True]),
        ([300] * 6, [False, False, True] * 2),
    ],
)
def test_a_program_confirms_after_the_same_time(delays_s: Sequence[int], expected: Sequence[bool]) -> None:
    machines = Machines()
    assert [machines.seems_one("login:crm", delay_s * 1000) for delay_s in delays_s] == expected


def test_senders_are_told_apart_and_the_oldest_forgotten() -> None:
    machines = Machines()
    for number in range(SENDERS_KEPT):
        assert not machines.seems_one(str(number), 1)
        assert not machines.seems_one(str(number), 1)
    machines.seems_one("one more", 1)
    assert not machines.seems_one("0", 1)
    assert machines.seems_one("2", 1)
