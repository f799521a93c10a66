"""What becomes of a slip: a table of modes, protocols and what is known."""

from __future__ import annotations

from typing import Any

import pytest

from streams.gate.decide import Certainty, GatePolicy, Known, Ruling, rule
from streams.gate.question import Question
from streams.gate.settings import Mode
from tests.gate.questions import HTTP, milter, policy

NOW_MS = 1_780_000_000_000
WAIT_MS = 30_000


def gate_policy(mode: Mode = "confirm", *automatic: str) -> GatePolicy:
    return GatePolicy({"listed": mode, "certain": mode, "doubtful": mode}, frozenset(automatic), WAIT_MS)


def asked(seconds_ago: float = 60, **known: Any) -> dict[str, Any]:
    """What is known where there is an open ask, and the last refusal was so long ago."""
    return {"is_asked": True, "last_refused_ms": NOW_MS - int(seconds_ago * 1000), **known}


def ruled(
    question: Question, certainty: Certainty = "certain", rules: GatePolicy | None = None, **known: Any
) -> Ruling:
    return rule(question, certainty, Known(**known), rules or gate_policy(), now_ms=NOW_MS)


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
        (policy(), asked(30), CONFIRMS),
        (policy(), asked(29.999), ASKED),
        (policy(), asked(-5), ASKED),
        (policy(), asked(is_same_mail=True), ASKED),  # another RCPT of the mail that was refused
        (policy(), asked(is_asked=False), ASKED),  # over another protocol, or corrected
        (milter(), asked(30), CONFIRMS),
        (milter(), asked(29.999), ASKED),  # two mails of one outbox
        (milter(), asked(600, is_same_mail=True), ASKED),  # the same message, sent again
        (milter(login=None), asked(30), CONFIRMS),  # a relay
        (HTTP, asked(), ASKED),
    ],
)
def test_what_confirms(question: Question, known: dict[str, Any], expected: Ruling) -> None:
    assert ruled(question, **known) == expected
