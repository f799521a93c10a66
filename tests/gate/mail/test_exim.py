"""Debian's Exim with the policy service by `${readsocket}`, by the settings of docs/gate.md."""

from __future__ import annotations

from tests.gate.mail import asking
from tests.gate.mail.exim import AskingExim
from tests.gate.mail.running_gate import RunningGate


def test_a_mail_is_refused_until_a_person_sends_it_again(exim: AskingExim, gate: RunningGate) -> None:
    asking.check_refused_until_a_person_sends_again(exim.port)
    assert gate.decisions("policy", "asked") == 4
    assert exim.logged("[straymail] army.ml") == 4


def test_another_login_and_another_recipient_are_asked(exim: AskingExim) -> None:
    asking.check_another_login_and_recipient_are_asked(exim.port)


def test_a_listed_mistake_cant_be_confirmed(exim: AskingExim) -> None:
    asking.check_a_listed_mistake_cant_be_confirmed(exim.port)


def test_who_is_never_asked(exim: AskingExim) -> None:
    asking.check_who_is_never_asked(exim.port)
