"""What every mail system that asks the policy service must do: the tests of Postfix and of Exim run it."""

from __future__ import annotations

import time

from tests.gate.mail.client import ACCEPTED, submit
from tests.gate.mail.running_gate import WAIT_SECONDS

RIGHT, OTHER = "ops@army.mil", "lee@navy.mil"
ASKED = (
    "[straymail] army.ml is probably a mistake for army.mil. "
    f"If you do mean army.ml, send the mail again after {WAIT_SECONDS} second."
)
LISTED = "[straymail] navy.ml is probably a mistake for navy.mil."


def plain(reply: str) -> str:
    """A reply in one line, however the mail system has cut it and what it has put before it."""
    text = reply.replace("\n5.7.1 ", " ")
    return text[text.find("[straymail]") :] if "[straymail]" in text else text


def check_refused_until_a_person_sends_again(port: int) -> None:
    """A mail is refused with the text; sent again at once it is again; after a while it passes for good."""
    for _ in range(4):
        replies = submit(port, [RIGHT, "ops@army.ml"], login="ross")
        assert replies[RIGHT] == ACCEPTED
        assert replies["ops@army.ml"].startswith("550 5.7.1 ")
        assert plain(replies["ops@army.ml"]) == ASKED
    time.sleep(WAIT_SECONDS + 0.1)  # a person waits
    for _ in range(2):
        assert submit(port, ["ops@army.ml"], login="ross") == {"ops@army.ml": ACCEPTED}


def check_another_login_and_recipient_are_asked(port: int) -> None:
    """A confirmation is for one login and one address."""
    assert plain(submit(port, ["jo@army.ml"], login="mary")["jo@army.ml"]) == ASKED
    time.sleep(WAIT_SECONDS + 0.1)  # a person waits
    assert submit(port, ["jo@army.ml"], login="mary") == {"jo@army.ml": ACCEPTED}
    assert plain(submit(port, ["jo@army.ml"], login="sam")["jo@army.ml"]) == ASKED
    assert plain(submit(port, ["al@army.ml"], login="mary")["al@army.ml"]) == ASKED


def check_a_listed_mistake_cant_be_confirmed(port: int) -> None:
    for _ in range(2):
        assert plain(submit(port, ["jo@navy.ml"], login="mary")["jo@navy.ml"]).startswith(LISTED)
        time.sleep(WAIT_SECONDS + 0.1)  # a person waits


def check_who_is_never_asked(port: int) -> None:
    """The null sender, a list, and a stranger, who hasn't logged in and is not in an own network."""
    passed = {"jo@army.ml": ACCEPTED}
    assert submit(port, ["jo@army.ml"], login="mail", sender="") == passed
    assert submit(port, ["jo@army.ml"], login="list", sender="staff-bounces@mod.example") == passed
    assert submit(port, ["jo@army.ml"]) == passed
