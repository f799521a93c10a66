"""What to do, by delivery status; and hostile mail data in commands and texts."""

from __future__ import annotations

from typing import Any

import pytest

from streams.console.advice import Step, advice_of
from streams.events.alert import encode_alert
from streams.events.alert_view import read_alert
from streams.events.mistaken_domain import MistakenDomain
from streams.notify.letter import LetterTemplate, read_template
from tests.cli.finding import finding
from tests.console.samples import hit

NOT_DELIVERED = read_alert(encode_alert(finding(delivered_count=0, delivery={})))
TEMPLATE = read_template(None)


def steps(*deliveries: str) -> list[Step]:
    mails = [hit(str(number), delivery) for number, delivery in enumerate(deliveries)]
    return advice_of(NOT_DELIVERED, mails, TEMPLATE, "desk 4711")


@pytest.mark.parametrize(
    ("deliveries", "expected"),
    [
        (["deferred"], ["Delete the deferred mail from the queue", "Tell the sender", "Block army.ml"]),
        (["held"], ["Remove the held mail from the gateway's quarantine", "Tell the sender", "Block army.ml"]),
        (["unknown"], ["Find out whether it was delivered", "Tell the sender", "Block army.ml"]),
        ([], ["Find out whether it was delivered", "Tell the sender", "Block army.ml"]),
        (["rejected", "failed"], ["Nothing needs to be recalled", "Tell the sender", "Block army.ml"]),
        (
            ["delivered", "deferred"],
            [
                "Delete the deferred mail from the queue",
                "Tell the sender",
                "Ask the postmaster of army.ml to delete it",
                "Tell the owner of army.mil",
                "Record the breach",
                "Block army.ml",
            ],
        ),
    ],
)
def test_the_steps_by_delivery_status(deliveries: list[str], expected: list[str]) -> None:
    assert [step.do for step in steps(*deliveries)] == expected


def test_texts_are_ready() -> None:
    texts = {step.text_is: step.text for step in steps("delivered", "deferred")}
    letter = texts["mail to the sender"]
    assert letter.startswith("To: desk@mod.gov.uk\nSubject: You sent mail to army.ml: did you mean army.mil?\n\n")
    assert "ops@army.ml  (meant: ops@army.mil)" in letter
    assert "call desk 4711" in letter
    assert texts["commands for Postfix"].startswith("grep -F -e '<1@mod.gov.uk>' /var/log/mail.log\npostsuper -d ")
    assert "<0@mod.gov.uk>" in texts["mail to the postmaster"]
    assert texts["line for Postfix's transport table"].startswith("army.ml error:5.1.2 ")


def test_a_withdrawn_finding_leaves_nothing_to_do() -> None:
    closed = read_alert(encode_alert(finding(activity=3)))
    assert [step.do for step in advice_of(closed, [], TEMPLATE, "")] == ["Nothing is left to do"]


def test_all_senders_of_a_domain_are_named() -> None:
    leak = read_alert(encode_alert(finding(rule="domain-leak", group_by="domain", sender=None)))
    advice = advice_of(leak, [hit("1", sender="b@x.mil"), hit("2", sender="a@x.mil")], TEMPLATE, "")
    assert next(step.text for step in advice if step.do == "Tell the senders") == "a@x.mil\nb@x.mil"


def test_hostile_mail_stays_data() -> None:
    evil = MistakenDomain("army.ml\nX", "army.mil", "omission", "a\x1b[31m\u202eb", 1.0, certain=True)
    view = read_alert(encode_alert(finding(domain=evil, sender="a\r\nBcc: x@y.z <b@c.d>")))
    mail = hit("1", "deferred", message_id="'; rm -rf / #\n\x1b[2J$(id)")
    texts = {step.text_is: step.text for step in advice_of(view, [mail], TEMPLATE, "")}
    assert texts["commands for Postfix"].splitlines()[0] == (
        "grep -F -e ''\"'\"'; rm -rf / #\\u{a}\\u{1b}[2J$(id)' /var/log/mail.log"
    )
    assert "\nBcc:" not in texts["mail to the sender"]
    assert all(ord(c) >= 32 or c == "\n" for text in texts.values() for c in text)
    assert "\u202e" not in "".join(texts.values())


def test_the_letter_to_the_sender_is_the_one_that_notify_sends() -> None:
    own = LetterTemplate("Subject: Wrong $mistaken\n\nCall $contact.\n", "a test")
    texts = {step.text_is: step.text for step in advice_of(NOT_DELIVERED, [], own, "desk 4711")}
    assert texts["mail to the sender"].endswith("Subject: Wrong army.ml\n\nCall desk 4711.\n")


@pytest.mark.parametrize("known", [{"count": 0, "delivered_count": 0, "delivery": {}}, {"delivered_count": 0}])
def test_what_was_confirmed_may_have_been_delivered(known: dict[str, Any]) -> None:
    view = read_alert(encode_alert(finding(**known, asked_count=3, confirmed_count=2)))
    mails = [hit("1", delivery="rejected")] if view.count else []
    steps = [step.do for step in advice_of(view, mails, TEMPLATE, "desk 4711")]
    assert steps == ["Find out whether what was confirmed was delivered", "Tell the sender", "Block army.ml"]


def test_nothing_is_left_to_do_where_the_gate_stopped_all() -> None:
    view = read_alert(encode_alert(finding(count=0, delivered_count=0, delivery={}, asked_count=3, corrected_count=2)))
    first, block = advice_of(view, [], TEMPLATE, "desk 4711")
    assert first.do == "Nothing needs to be recalled"
    assert first.why == "The gate refused 3 mails and asked the sender: 0 confirmed, 2 corrected."
    assert block.do == "Block army.ml"
