"""What becomes of a slip: a table of modes, protocols and what is known."""

from __future__ import annotations

from typing import Any

import pytest

from streams.gate.confirmations import Ask
from streams.gate.decide import Certainty, GatePolicy, Known, Ruling, rule
from streams.gate.question import GateProtocol, Question
from streams.gate.settings import Mode
from tests.gate.questions import HTTP, milter, policy

NOW_MS = 1_780_000_000_000
WAIT_MS = 30_000
THIS, OTHER = "a" * 32, "b" * 32


def gate_policy(mode: Mode = "confirm", *automatic: str) -> GatePolicy:
    return GatePolicy({"listed": mode, "certain": mode, "doubtful": mode}, frozenset(automatic), WAIT_MS)


def ask(seconds_ago: float = 60, protocol: GateProtocol = "policy", mail: str | None = OTHER) -> Ask:
    return Ask(NOW_MS - int(seconds_ago * 1000), protocol, "army.ml", "army.mil", "c" * 32, mail)


def ruled(
    question: Question, certainty: Certainty = "certain", rules: GatePolicy | None = None, **known: Any
) -> Ruling:
    return rule(question, certainty, Known(**{"mail": THIS, **known}), rules or gate_policy(), now_ms=NOW_MS)


ASKED, PASSED, CONFIRMS, UNASKED = Ruling("asked"), Ruling("confirmed"), Ruling("confirmed", True), Ruling("unasked")


@pytest.mark.parametrize(
    ("mode", "certain", "listed"),
    [
        ("audit", "audit", "audit"),
        ("warn", "warn", "warn"),
        ("confirm", "asked", "listed"),
        ("reject", "rejected", "rejected"),
    ],
)
def test_modes(mode: Mode, certain: str, listed: str) -> None:
    assert ruled(policy(), "certain", gate_policy(mode)).why == certain
    assert ruled(policy(), "listed", gate_policy(mode)).why == listed


def test_each_certainty_has_its_mode() -> None:
    rules = GatePolicy({"listed": "reject", "certain": "confirm", "doubtful": "warn"}, frozenset(), WAIT_MS)
    assert [ruled(policy(), each, rules).why for each in ("listed", "certain", "doubtful")] == [
        "rejected",
        "asked",
        "warn",
    ]


@pytest.mark.parametrize("mode", ["audit", "warn", "confirm", "reject"])
@pytest.mark.parametrize("certainty", ["listed", "certain", "doubtful"])
def test_programs_and_mail_of_this_machine_are_never_asked(mode: Mode, certainty: Certainty) -> None:
    for automatic in ("jo", "jo@mod.gov.uk"):
        assert ruled(policy(), certainty, gate_policy(mode, automatic)) == UNASKED
    assert ruled(milter(is_internal=True), certainty, gate_policy(mode)) == UNASKED


@pytest.mark.parametrize("question", [policy(login=None), policy(login=""), milter(message_id=None)])
def test_who_could_never_confirm_is_not_asked(question: Question) -> None:
    assert ruled(question) == UNASKED
    assert ruled(question, rules=gate_policy("audit")) == UNASKED
    assert ruled(question, "listed").why == "listed", "that nobody can"
    assert ruled(question, "listed", gate_policy("audit")).why == "audit"


@pytest.mark.parametrize("question", [policy(), milter(), HTTP])
def test_what_is_confirmed_passes_unless_it_is_listed_or_rejected(question: Question) -> None:
    assert ruled(question, is_confirmed=True) == PASSED
    assert ruled(question, "listed", is_confirmed=True).why == "listed"
    assert ruled(question, rules=gate_policy("reject"), is_confirmed=True).why == "rejected"


@pytest.mark.parametrize(
    ("question", "known", "expected"),
    [
        (policy(), {"ask": ask(30)}, CONFIRMS),
        (policy(), {"ask": ask(29.999)}, ASKED),
        (policy(), {"ask": ask(-5)}, ASKED),
        (policy(), {"ask": ask(60, mail=THIS)}, ASKED),  # another RCPT of the mail that was refused
        (policy(), {"ask": ask(60, mail=None), "mail": None}, CONFIRMS),  # mails can't be told apart
        (policy(), {"ask": ask(60), "last_refused_ms": NOW_MS - 30_000}, CONFIRMS),
        (policy(), {"ask": ask(600), "last_refused_ms": NOW_MS - 29_999}, ASKED),  # a program, again and again
        (milter(), {"ask": ask(0, "milter")}, CONFIRMS),
        (milter(), {"ask": ask(600, "milter", THIS)}, ASKED),  # the same message, sent again
        (milter(login=None), {"ask": ask(0, "milter")}, CONFIRMS),  # a relay
        (milter(), {"ask": ask(29)}, ASKED),  # asked over policy: which message it was is not known
        (milter(), {"ask": ask(30)}, CONFIRMS),
        (milter(login=None), {"ask": ask(30)}, ASKED),
        (policy(), {"ask": ask(29, "milter")}, ASKED),
        (policy(), {"ask": ask(30, "milter")}, CONFIRMS),
        (HTTP, {"ask": ask(60)}, ASKED),
        (HTTP, {"ask": ask(60, mail=None), "mail": None}, ASKED),
    ],
)
def test_what_confirms(question: Question, known: dict[str, Any], expected: Ruling) -> None:
    assert ruled(question, **known) == expected
