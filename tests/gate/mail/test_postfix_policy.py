"""Debian's Postfix with the policy service, by the settings of docs/gate.md."""

from __future__ import annotations

import time

from tests.broker.ports import free_ports
from tests.gate.mail import asking, page
from tests.gate.mail.client import ACCEPTED, submit
from tests.gate.mail.page import snippet
from tests.gate.mail.postfix import AskingPostfix
from tests.gate.mail.running_gate import WAIT_SECONDS, RunningGate

SETTINGS = (page.POLICY,)


def test_a_mail_is_refused_until_a_person_sends_it_again(postfix: AskingPostfix, gate: RunningGate) -> None:
    asking.check_refused_until_a_person_sends_again(postfix.port)
    assert gate.decisions("policy", "asked") == 4
    assert gate.decisions("policy", "confirmed") == 2
    assert postfix.logged("[straymail] army.ml") == 4


def test_another_login_and_another_recipient_are_asked(postfix: AskingPostfix) -> None:
    asking.check_another_login_and_recipient_are_asked(postfix.port)


def test_a_listed_mistake_cant_be_confirmed(postfix: AskingPostfix) -> None:
    asking.check_a_listed_mistake_cant_be_confirmed(postfix.port)


def test_who_is_never_asked(postfix: AskingPostfix) -> None:
    asking.check_who_is_never_asked(postfix.port)


def test_a_restart_of_the_gate_forgets_nothing(postfix: AskingPostfix, gate: RunningGate) -> None:
    def send() -> str:
        return submit(postfix.port, ["kim@army.ml"], login="kim")["kim@army.ml"]

    assert asking.plain(send()) == asking.ASKED
    assert gate.stop() == 0
    gate.start().wait_ready()
    time.sleep(WAIT_SECONDS)  # a person waits
    # each smtpd that was connected to the old gate passes one recipient unasked
    postfix.wait_until(lambda: send() == ACCEPTED and gate.decisions("policy", "confirmed") > 0, "it is confirmed")
    assert gate.decisions("policy", "asked") == 0


def test_audit_lets_all_pass_and_counts(postfix: AskingPostfix) -> None:
    with RunningGate(GATE_MODE="audit") as audit, AskingPostfix(snippet(page.POLICY, audit.addresses)) as server:
        recipients = ["ops@army.ml", "jo@navy.ml", "ops@army.mil"]
        assert submit(server.port, recipients, login="ross") == dict.fromkeys(recipients, ACCEPTED)
        assert audit.decisions("policy", "audit") == 2
        assert audit.decisions("policy", "no-slip") == 1


def test_the_ports_where_users_log_in_ask_too(postfix: AskingPostfix, gate: RunningGate) -> None:
    (port,) = free_ports(1)
    main = snippet(page.POLICY, gate.addresses)
    master = snippet(page.LOGIN_PORTS, {"submission inet n - y": f"127.0.0.1:{port} inet n - n"})
    with AskingPostfix(main, master):
        assert asking.plain(submit(port, ["sub@army.ml"], login="kim")["sub@army.ml"]) == asking.ASKED
        assert submit(port, ["sub@army.mil"], login="kim") == {"sub@army.mil": ACCEPTED}
