"""Debian's Postfix with the milter, by the settings of docs/gate.md."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.gate.mail import page
from tests.gate.mail.asking import ASKED, LISTED, OTHER, RIGHT, plain
from tests.gate.mail.client import ACCEPTED, submit
from tests.gate.mail.page import snippet
from tests.gate.mail.postfix import AskingPostfix
from tests.gate.mail.running_gate import OWN_NETWORK, WAIT_SECONDS, RunningGate

SETTINGS = (page.MILTER,)
WRONG = "ops@army.ml"


def test_a_mail_is_refused_as_a_whole_until_it_is_sent_as_another(postfix: AskingPostfix, gate: RunningGate) -> None:
    for _ in range(4):
        replies = submit(postfix.port, [RIGHT, WRONG], login="ross")
        assert set(replies) == {RIGHT, WRONG}
        assert {plain(reply) for reply in replies.values()} == {ASKED}
        assert replies[WRONG].startswith("550 5.7.1 [straymail] ")
    at_once = submit(postfix.port, [WRONG], login="ross", message_id="<another@mod.example>")
    assert plain(at_once[WRONG]) == ASKED, "two mails of one outbox confirm nothing"
    time.sleep(WAIT_SECONDS + 0.1)  # a person waits
    again = submit(postfix.port, [RIGHT, WRONG], login="ross", message_id="<2@mod.example>")
    assert again == {RIGHT: ACCEPTED, WRONG: ACCEPTED}
    assert submit(postfix.port, [WRONG], login="ross", message_id="<3@mod.example>") == {WRONG: ACCEPTED}
    assert gate.decisions("milter", "asked") == 5


def test_to_a_watched_domain_it_passes_at_once(postfix: AskingPostfix) -> None:
    assert submit(postfix.port, [RIGHT, OTHER], login="ross") == {RIGHT: ACCEPTED, OTHER: ACCEPTED}


def test_a_refusal_names_every_domain(postfix: AskingPostfix) -> None:
    replies = submit(postfix.port, ["al@army.ml", "al@navy.ml"], login="mary")
    assert {"army.mil", "navy.mil"} <= set(replies["al@army.ml"].replace(".\n", " ").replace(". ", " ").split())


def test_another_login_and_another_recipient_are_asked(postfix: AskingPostfix) -> None:
    def reply(recipient: str, login: str, number: int) -> str:
        return submit(postfix.port, [recipient], login=login, message_id=f"<x{number}@mod.example>")[recipient]

    assert plain(reply("jo@army.ml", "mary", 1)) == ASKED
    time.sleep(WAIT_SECONDS + 0.1)  # a person waits
    assert reply("jo@army.ml", "mary", 2) == ACCEPTED
    assert plain(reply("jo@army.ml", "sam", 3)) == ASKED
    assert plain(reply("pat@army.ml", "mary", 4)) == ASKED


def test_a_listed_mistake_cant_be_confirmed(postfix: AskingPostfix) -> None:
    for number in range(2):
        reply = submit(postfix.port, ["jo@navy.ml"], login="jo", message_id=f"<l{number}@mod.example>")["jo@navy.ml"]
        assert plain(reply).startswith(LISTED)


def test_who_is_never_asked(postfix: AskingPostfix) -> None:
    passed = {WRONG: ACCEPTED}
    assert submit(postfix.port, [WRONG], login="null", sender="") == passed
    assert submit(postfix.port, [WRONG], login="list", headers=[("List-Id", "<staff.mod.example>")]) == passed
    assert submit(postfix.port, [WRONG]) == passed


@pytest.fixture(scope="module")
def relay() -> Iterator[tuple[RunningGate, AskingPostfix]]:
    """A relay whose clients are in an own network and don't log in, with `non_smtpd_milters` too."""
    with RunningGate(OWN_NETWORKS=OWN_NETWORK) as gate:
        main = snippet(page.MILTER, gate.addresses)
        with AskingPostfix(f"{main}non_smtpd_milters = $smtpd_milters\n") as server:
            yield gate, server


def test_a_relay_asks_the_sender(postfix: AskingPostfix, relay: tuple[RunningGate, AskingPostfix]) -> None:
    _, server = relay
    assert plain(submit(server.port, [WRONG])[WRONG]) == ASKED
    assert plain(submit(server.port, [WRONG], sender="jo@mod.example", message_id="<2@x>")[WRONG]) == ASKED
    time.sleep(WAIT_SECONDS + 0.1)  # a person waits
    assert submit(server.port, [WRONG], message_id="<3@x>") == {WRONG: ACCEPTED}


def test_mail_of_the_host_itself_is_never_refused(
    postfix: AskingPostfix, relay: tuple[RunningGate, AskingPostfix]
) -> None:
    gate, server = relay
    server.send_locally("cron@mod.example", "jo@army.ml")
    server.wait_until(lambda: server.logged("to=<jo@army.ml>, relay=") == 1, "the mail of the host is sent")
    assert gate.decisions("milter", "unasked") == 1


def test_both_by_unix_sockets(postfix: AskingPostfix) -> None:
    with AskingPostfix(snippet(page.SOCKETS, {})) as server:
        sockets = server.folder / "queue" / "straymail"
        sockets.mkdir()
        policy, milter = f"unix:{sockets}/policy", f"unix:{sockets}/milter"
        with RunningGate(GATE_POLICY=policy, GATE_MILTER=milter, GATE_SOCKET_GROUP="postfix") as gate:
            assert plain(submit(server.port, ["jo@army.ml"], login="mary")["jo@army.ml"]) == ASKED
            assert gate.decisions("policy", "asked") == 1
            assert submit(server.port, ["jo@army.ml"]) == {"jo@army.ml": ACCEPTED}
            assert gate.decisions("milter", "not-own") == 1
