"""The mails of a finding, merged from its hits."""

from __future__ import annotations

import pytest

from streams.events.alert import encode_alert
from streams.events.alert_view import read_alert
from streams.events.hit import RECIPIENTS_KEPT, HitKind
from streams.events.mail_join import mails_of, of_finding
from tests.cli.finding import START_MS, finding
from tests.cli.hits.test_run import BY_DOMAIN, HITS, hit


def test_events_of_a_mail_are_joined() -> None:
    first, second = mails_of(HITS[:4])
    assert (first.message_id, second.message_id) == ("m2", "m1")
    assert (second.recipients, second.recipient_count) == (["a@army.ml", "b@army.ml"], 2)
    assert (second.delivery, second.time, first.delivery) == ("delivered", START_MS + 10, "failed")


@pytest.mark.parametrize(
    ("uid", "rules", "expected"),
    [
        ("a1", {}, ["e1", "e2", "e3", "e4", "e5"]),
        ("a1", {"sender-typo-hits": "certain"}, ["e1", "e2", "e3", "e4"]),
        ("a1", {"sender-typo-hits": "uncertain"}, ["e5"]),
        ("b2", {"domain-leak": "certain"}, ["e8"]),
    ],
)
def test_hits_of_a_finding(uid: str, rules: dict[str, HitKind], expected: list[str]) -> None:
    state = finding() if uid == "a1" else BY_DOMAIN
    view = read_alert(encode_alert(state))
    assert [hit.event_id for hit in HITS if of_finding(hit, view, rules)] == expected


def test_a_later_report_on_the_same_recipients_replaces_the_earlier_one() -> None:
    (mail,) = mails_of([hit(1, "m", 1, delivery="deferred"), hit(2, "m", 2, delivery="failed")])
    assert (mail.delivery, mail.time) == ("failed", START_MS + 1)


def test_what_came_of_a_question_replaces_the_question() -> None:
    (mail,) = mails_of([hit(1, "m", 2, asked="corrected"), hit(2, "m", 1, asked="asked")])
    assert (mail.asked, mail.time) == ("corrected", START_MS + 1)


def test_a_mail_to_two_mistaken_domains_is_two() -> None:
    mails = mails_of([hit(1, "m", 2), hit(2, "m", 1, domain="navy.ml")])
    assert [mail.domain for mail in mails] == ["navy.ml", "army.ml"]


def test_more_recipients_than_are_kept_are_still_counted() -> None:
    many = [f"r{number:03}@army.ml" for number in range(RECIPIENTS_KEPT + 20)]
    halves = many[: len(many) // 2], many[len(many) // 2 :]
    (mail,) = mails_of(hit(at, "m", recipients=half, recipient_count=len(half)) for at, half in enumerate(halves))
    assert (mail.recipients, mail.recipient_count) == (many[:RECIPIENTS_KEPT], len(many))
