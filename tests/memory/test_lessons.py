from __future__ import annotations

from typing import Any

import pytest

from streams.memory.lessons import LearningPolicy, introduces, is_person, may_teach, teaching_recipients
from tests.memory.events import mail

DEFAULT = LearningPolicy()
SILENT = LearningPolicy(silent_sources=frozenset({"gateway"}))
A, B = "a@army.mil", "b@army.mil"


@pytest.mark.parametrize(
    ("delivery", "source", "expected"),
    [
        ("delivered", None, [A, B]),
        ("deferred", None, []),
        ("failed", "gateway", []),
        ("rejected", "gateway", []),
        ("unknown", None, []),
        (None, "gateway", [A, B]),
        ("unknown", "gateway", [A, B]),
        (None, "relay", []),
        ({A: "delivered", B: "failed"}, None, [A]),
        ({"A@Army.mil": "delivered", A: "failed"}, None, []),
        ({A: "rejected"}, "gateway", [B]),
    ],
)
def test_delivered_mail_teaches(delivery: Any, source: str | None, expected: list[str]) -> None:
    event = mail("m@corp.example", A, B, delivery=delivery, source=source)
    assert teaching_recipients(event, SILENT) == expected
    assert may_teach(event, SILENT) or not expected


def test_mail_of_whose_delivery_nothing_is_known_may_teach_only_where_its_source_is_silent() -> None:
    known, unknown = mail("m@corp.example", A, delivery="deferred"), mail("m@corp.example", A, delivery=None)
    silent = mail("m@corp.example", A, delivery=None, source="gateway")
    assert [may_teach(event, SILENT) for event in (known, unknown, silent)] == [True, False, True]


@pytest.mark.parametrize("label", ["dmarc-fail", "SPF-fail", "DKIM-FAIL"])
def test_mail_that_failed_authentication_teaches_nothing(label: str) -> None:
    event = mail("x@army.ml", "m@corp.example", labels=["partner", label])
    assert teaching_recipients(event, DEFAULT) == []


def test_mail_with_other_labels_teaches() -> None:
    event = mail("x@army.ml", "m@corp.example", labels=["SPF-pass", "spf-failover", "dmarc-none"])
    assert teaching_recipients(event, DEFAULT) == ["m@corp.example"]


@pytest.mark.parametrize(
    "local",
    [
        "j.smith",
        "jsmith7",
        "jo",
        "li",
        "marketa",
        "ana-sales",
        "it.miller",
        "дмитрий",
        "o'neil",
        "p7.123",
        "q4",
        "10023517",
    ],
)
def test_a_person(local: str) -> None:
    assert is_person(local)


@pytest.mark.parametrize(
    "local",
    ["info", "sales", "info2", "sales-emea", "support.uk", "no-reply", "noreply", "postmaster", "j", "42", "", "press",
     "help_desk", "owner-announce", "bounces+jo=corp.example", "team-request", "mailer-daemon",
     "hr+jobs", "it+x", '"info"', '"hr+jobs"', "team+request"],
)  # fmt: skip
def test_a_role_or_a_list_is_no_person(local: str) -> None:
    assert not is_person(local)


@pytest.mark.parametrize("local", ["m.ross", "sales", "info", "m=ross".replace("=", ".")])
def test_mail_of_people_teaches_persons(local: str) -> None:
    assert introduces(f"{local}@corp.example")


@pytest.mark.parametrize(
    "sender",
    ["", "<>", "noreply@corp.example", "No-Reply@corp.example", "news-letter@corp.example", "bounces+1@corp.example",
     "list-bounces@corp.example", "prvs=1234=desk@corp.example", "SRS0=ab=cd=x.org=jo@corp.example",
     "owner-x@corp.example", '"noreply"@corp.example', "news+7@corp.example"],
)  # fmt: skip
def test_mail_of_programs_and_lists_teaches_no_persons(sender: str) -> None:
    assert not introduces(sender)
