"""What the gate refuses gives no event from the mail system's own log: the gate publishes it, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gate.mail import page
from tests.gate.mail.asking import RIGHT
from tests.gate.mail.client import ACCEPTED, submit
from tests.gate.mail.exim import AskingExim
from tests.gate.mail.page import snippet
from tests.gate.mail.postfix import AskingPostfix
from tests.gate.mail.running_gate import RunningGate
from tests.sources.read_log import read

SETTINGS = (page.POLICY,)
WRONG = ["ops@army.ml", "jo@navy.ml"]


def recipients_in(kind: str, log: Path) -> list[str]:
    """The recipients of each event that the source makes of a log; nothing in it is a problem."""
    events, problems, _ = read(kind, [log])
    assert problems == []
    return sorted(recipient for event in events for recipient in event.recipients)


def test_a_recipient_that_postfix_refused(postfix: AskingPostfix) -> None:
    replies = submit(postfix.port, [*WRONG, RIGHT], login="ross")
    assert [replies[wrong][:4] for wrong in WRONG] == ["550 "] * 2
    assert replies[RIGHT] == ACCEPTED
    postfix.wait_until(lambda: postfix.logged("status=sent") == 1, "the mail is delivered")
    assert recipients_in("postfix", postfix.log) == [RIGHT]


@pytest.mark.parametrize("wrong", [WRONG[:1], WRONG])
def test_a_mail_that_postfix_refused(gate: RunningGate, postfix: AskingPostfix, wrong: list[str]) -> None:
    login = f"sam{len(wrong)}"
    with AskingPostfix(snippet(page.MILTER, gate.addresses)) as server:
        assert ACCEPTED not in submit(server.port, [*wrong, RIGHT], login=login).values()
        assert submit(server.port, [RIGHT], login=login) == {RIGHT: ACCEPTED}
        server.wait_until(lambda: server.logged("status=sent") == 1, "the second mail is delivered")
        assert server.logged("milter-reject") == 1
        assert recipients_in("postfix", server.log) == [RIGHT]


def test_a_recipient_that_exim_refused(exim: AskingExim) -> None:
    replies = submit(exim.port, [*WRONG, RIGHT], login="kim")
    assert [replies[wrong][:4] for wrong in WRONG] == ["550 "] * 2
    exim.wait_until(lambda: exim.logged("Completed") == 1, "the mail is delivered")
    assert exim.logged("rejected RCPT") == 2
    assert recipients_in("exim", exim.log) == [RIGHT]
