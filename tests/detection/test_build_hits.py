import json
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.detection.build_hits import SUBJECT_KEPT, Place, hit_id, hits_of
from streams.events.delivery import Delivery, joined_delivery
from streams.events.hit import HIT_VERSION, TypoHit
from streams.events.mistaken_domain import MistakenDomain
from streams.events.privacy import Privacy
from streams.events.remembered import Remembered
from tests.events.samples import event

PRIVACY = Privacy(b"a key of the tests")
ARMY = MistakenDomain(
    "army.ml", "army.mil", "suffix-omission", "army.ml lacks the i of army.mil", 0.97, True, True, ("dod",)
)
NAVY = MistakenDomain("navy.ml", "navy.mil", "suffix-omission", "navy.ml lacks the i of navy.mil", 0.8, certain=False)
MISTAKES = {"army.ml": ARMY, "army.ml.": ARMY, "navy.ml": NAVY}


def hits(privacy: Privacy = PRIVACY, **changed: Any) -> list[TypoHit]:
    return hits_of(event(**changed), MISTAKES, privacy)


def test_a_hit_has_the_fields_of_the_event_and_the_verdict() -> None:
    assert hits() == [
        TypoHit(
            id=hit_id("e1", "army.ml"),
            event_id="e1",
            time=1_689_580_800_123,
            sender="jo@mod.example",
            domain="army.ml",
            intended="army.mil",
            recipients=["a@army.ml"],
            recipient_count=1,
            score=0.97,
            certain=True,
            slip="suffix-omission",
            explanation="army.ml lacks the i of army.mil",
            sender_digest=PRIVACY.digest("Jo@mod.example"),
            delivery="delivered",
            message_id="<m1@mod.example>",
            labels=["protect"],
            size=2048,
            attachment_count=1,
            source="postfix",
            group="dod",
            listed=True,
            version=HIT_VERSION,
        )
    ]


def test_an_event_without_a_mistaken_domain_has_no_hit() -> None:
    assert hits(recipients=["a@army.mil", "b@navy.mil"]) == []


def test_one_hit_for_each_mistaken_domain_with_its_recipients() -> None:
    found = hits(recipients=["z@army.ml", "b@navy.ml", "A@Army.ML", "<z@army.ml>", "c@army.ml.", "d@army.mil"])
    assert [(hit.domain, hit.recipients, hit.recipient_count) for hit in found] == [
        ("army.ml", ["a@army.ml", "c@army.ml.", "z@army.ml"], 3),
        ("navy.ml", ["b@navy.ml"], 1),
    ]


def test_at_most_100_recipients_are_named_and_all_are_counted() -> None:
    (hit,) = hits(recipients=[f"r{number:03}@army.ml" for number in reversed(range(250))])
    assert hit.recipients == [f"r{number:03}@army.ml" for number in range(100)]
    assert hit.recipient_count == 250


@pytest.mark.parametrize(
    ("delivery", "expected"),
    [
        (None, "unknown"),
        ("held", "held"),
        ({"a@army.ml": "failed", "B@army.ml": "delivered"}, "delivered"),
        ({"a@army.ml": "held", "b@army.ml": "deferred"}, "deferred"),
        ({"a@army.ml": "rejected", "b@army.ml": "failed"}, "failed"),
        ({"a@army.ml": "rejected"}, "unknown"),
        ({"a@army.ml": "rejected", "b@army.ml": "rejected", "c@navy.ml": "delivered"}, "rejected"),
        ({"a@army.ml": "rejected", "b@army.ml": "rejected", "<A@army.ml>": "held"}, "held"),
        ({"a@army.mil": "delivered"}, "unknown"),
    ],
)
def test_delivery_is_that_of_the_recipients_concerned(delivery: Any, expected: str) -> None:
    assert hits(recipients=["a@army.ml", "b@army.ml", "x@army.mil"], delivery=delivery)[0].delivery == expected


def test_every_delivery_status_has_a_rank() -> None:
    assert {joined_delivery([status]) for status in get_args(Delivery)} == set(get_args(Delivery))


def test_the_privacy_settings_apply() -> None:
    (hit,) = hits(Privacy(b"k", sender="hmac", recipient="domain", subject=True), recipients=["a@army.ml", "b@army.ml"])
    assert hit.sender.startswith("hmac-")
    assert hit.sender.endswith("@mod.example")
    assert (hit.recipients, hit.recipient_count, hit.subject) == (["*@army.ml"], 2, "Itinerary")


def test_a_long_subject_is_cut() -> None:
    (hit,) = hits(Privacy(b"k", subject=True), subject="x" * 10_000)
    assert hit.subject == "x" * SUBJECT_KEPT


def test_what_the_event_lacks_is_absent() -> None:
    names = ("message_id", "size", "attachments", "source", "labels", "subject", "delivery")
    (hit,) = hits_of(event(**dict.fromkeys(names, ...)), MISTAKES, PRIVACY)
    absent = (hit.message_id, hit.size, hit.attachment_count, hit.source, hit.subject)
    assert absent == (None,) * 5
    assert (hit.labels, hit.delivery, hit.mail) == ([], "unknown", "e1")


@pytest.mark.parametrize(("message_id", "mail"), [("<m1@mod.example>", "<m1@mod.example>"), ("", "e1"), (None, "e1")])
def test_what_is_counted_is_the_message_id_or_else_the_event_id(message_id: str | None, mail: str) -> None:
    assert hits(message_id=message_id)[0].mail == mail


def test_ids_of_different_events_and_domains_differ() -> None:
    ids = {hit_id(*named) for named in [("1", "ab"), ("1a", "b"), ("11", "ab"), ("1", "1ab"), ("", "1ab")]}
    assert len(ids) == 5
    assert {len(one) for one in ids} == {32}


@given(st.permutations(["a@army.ml", "b@army.ml", "A@army.ml", "c@navy.ml", "d@army.mil"]))
def test_a_repeat_has_the_same_content_in_whatever_order_its_recipients_come(recipients: list[str]) -> None:
    delivery = dict.fromkeys(recipients, "held")
    expected = hits(recipients=sorted(recipients), delivery=delivery)
    assert hits(recipients=recipients, delivery=json.loads(json.dumps(delivery))) == expected


def test_a_hit_says_where_its_event_was_read() -> None:
    (hit,) = hits_of(event(), MISTAKES, PRIVACY, place=Place(3, 81_244))
    assert (hit.partition, hit.offset) == (3, 81_244)


def test_a_hit_carries_what_was_remembered() -> None:
    memory = Remembered(90, "sender", 12)
    mistake = msgspec.structs.replace(ARMY, memory=memory)
    (hit,) = hits_of(event(), {"army.ml": mistake}, PRIVACY)
    assert hit.memory == memory
    assert hit.mistaken_domain == mistake


def test_a_hit_has_what_came_of_the_question_of_the_gate() -> None:
    (made,) = hits(source="gate", labels=["asked", "confirmed"], delivery="rejected")
    assert made.asked == "confirmed"
    assert msgspec.json.decode(msgspec.json.encode(made))["asked"] == "confirmed"
    assert made.mistaken_domain == msgspec.structs.replace(ARMY, listed=False, groups=())
    assert "asked" not in msgspec.json.decode(msgspec.json.encode(hits(labels=["asked"])[0]))
