"""Alerts are OCSF Detection Findings, with the same bytes for the same state."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

from streams import __version__
from streams.events.alert import alert_of, encode_alert
from streams.events.alert_layout import ACTOR_PROFILE, OCSF_VERSION
from streams.events.dns_facts import DnsFacts
from streams.events.finding import CLOSE, CREATE, UPDATE, Evidence, FindingState
from streams.events.mistaken_domain import MistakenDomain
from streams.severity import Severity
from tests.events.finding_samples import DAY_MS, MONDAY_MS, finding, mistaken
from tests.events.plain_alert import plain_alert


@pytest.fixture(scope="module")
def ocsf() -> Draft202012Validator:
    """The schema of the OCSF class with the profile of `actor`; it allows no unknown field."""
    schemas = OcsfJsonSchemaEmbedded(get_ocsf_schema(OCSF_VERSION))
    return Draft202012Validator(schemas.get_class_schema("detection_finding", [ACTOR_PROFILE]))


STATES: dict[str, FindingState] = {
    "created": finding(),
    "updated": finding(activity=UPDATE, sequence=2, is_alert=False, evidences=[]),
    "final": finding(activity=UPDATE, sequence=3, window="final", count_is_minimum=True, labels=["SECRET"]),
    "withdrawn": finding(activity=CLOSE, is_alert=False),
    "reopened": finding(activity=UPDATE, reopened=True),
    "late": finding(window="late", late=True),
    "by domain": finding(
        group_by="domain", counts="senders", sender=None, owner="soc@x.org", runbook_url="https://x.org"
    ),
    "asked": finding(
        asked_count=4,
        confirmed_count=1,
        corrected_count=2,
        evidences=[Evidence("a@b.uk", ["a@army.ml"], time_ms=MONDAY_MS, delivery="rejected", asked="corrected")],
    ),
    "many evidences": finding(evidences_left_out=13),
    "no names": finding(domains=[], sender=None, evidences=[]),
    "masked": finding(
        sender="3f2a",
        evidences=[
            Evidence("3f2a", ["army.ml"], time_ms=MONDAY_MS, delivery="unknown"),
            Evidence("", ["ü@army.ml", "a@army.ml"]),
        ],
    ),
    "subject": finding(evidences=[Evidence("a@b.uk", [], subject="re: \u202e")]),
    "dns": finding(domains=[mistaken(dns=DnsFacts(MONDAY_MS, "mx", "army.ml", ["mx1.example.ml"], open=True))]),
    "groups": finding(domains=[mistaken(groups=("allies", "own"), listed=True)], severity=Severity.CRITICAL),
}


@pytest.mark.parametrize("name", STATES)
def test_alerts_are_valid(name: str, ocsf: Draft202012Validator) -> None:
    ocsf.validate(orjson.loads(encode_alert(STATES[name])))


@pytest.mark.parametrize("name", STATES)
def test_alerts_have_the_bytes_of_their_plain_fields(name: str) -> None:
    assert encode_alert(STATES[name]) == plain_alert(STATES[name])


@pytest.mark.fuzz
@given(
    sender=st.text(),
    recipients=st.lists(st.text() | st.emails(), max_size=30),
    message_id=st.none() | st.text(),
    domain=st.text(),
    labels=st.lists(st.text()),
)
def test_any_content_makes_a_valid_alert(ocsf: Draft202012Validator, **given: Any) -> None:
    evidence = Evidence(given["sender"], given["recipients"], given["message_id"])
    state = finding(
        sender=given["sender"], domains=[mistaken(given["domain"])], labels=given["labels"], evidences=[evidence]
    )
    ocsf.validate(orjson.loads(encode_alert(state)))


def test_every_field_of_an_alert() -> None:
    state = finding(owner="soc@example.org", runbook_url="https://example.org/runbook", labels=["OFFICIAL"])
    alert = orjson.loads(encode_alert(state))
    state_uid = alert["metadata"].pop("uid")
    assert len(state_uid) == 32
    title = "desk7@mod.gov.uk sent 3 mails to army.ml, probably meant for army.mil"
    desc = alert["finding_info"].pop("desc")
    assert desc.startswith("army.ml is army.mil without a letter of its suffix.")
    assert alert.pop("remediation")["desc"].startswith("Mail has been delivered")
    assert alert == {
        "time": MONDAY_MS + 7_200_000,
        "message": title,
        "severity_id": 3,
        "severity": "Medium",
        "is_alert": True,
        "activity_id": 1,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2004,
        "class_name": "Detection Finding",
        "type_uid": 200401,
        "type_name": "Detection Finding: Create",
        "status_id": 1,
        "status": "New",
        "confidence_score": 97,
        "confidence_id": 3,
        "confidence": "High",
        "count": 3,
        "start_time": MONDAY_MS,
        "end_time": MONDAY_MS + DAY_MS,
        "metadata": {
            "version": "1.5.0",
            "product": {"name": "straymail", "vendor_name": "straymail", "version": __version__},
            "sequence": 1,
            "correlation_uid": state.correlation_uid,
            "profiles": ["host"],
        },
        "actor": {"user": {"name": "desk7@mod.gov.uk", "email_addr": "desk7@mod.gov.uk"}},
        "finding_info": {
            "uid": state.uid,
            "title": title,
            "first_seen_time": MONDAY_MS + 3_600_000,
            "last_seen_time": MONDAY_MS + 7_200_000,
            "created_time": MONDAY_MS + 3_600_000,
            "analytic": {"name": "sender-typo-hits", "type_id": 1, "type": "Rule"},
        },
        "observables": [
            {
                "name": "unmapped.straymail.sender",
                "type_id": 5,
                "type": "Email Address",
                "value": "desk7@mod.gov.uk",
            },
            {"name": "unmapped.straymail.domains[].domain", "type_id": 1, "type": "Hostname", "value": "army.ml"},
            {"name": "unmapped.straymail.domains[].intended", "type_id": 1, "type": "Hostname", "value": "army.mil"},
        ],
        "unmapped": {
            "straymail": {
                "rule": "sender-typo-hits",
                "group_by": "sender",
                "counts": "mails",
                "sender": "desk7@mod.gov.uk",
                "peak": 3,
                "count_is_minimum": False,
                "delivered_count": 1,
                "window_state": "open",
                "slip": "suffix-omission",
                "explanation": "army.ml is army.mil without a letter of its suffix",
                "domains": [
                    {
                        "domain": "army.ml",
                        "intended": "army.mil",
                        "slip": "suffix-omission",
                        "explanation": "army.ml is army.mil without a letter of its suffix",
                        "score": 0.97,
                        "certain": True,
                    }
                ],
                "domain_count": 1,
                "labels": ["OFFICIAL"],
                "owner": "soc@example.org",
                "runbook_url": "https://example.org/runbook",
            }
        },
        "evidences": [
            {
                "email": {
                    "from": "desk7@mod.gov.uk",
                    "to": ["col.smith@army.ml"],
                    "message_uid": "<1@mod.gov.uk>",
                    "size": 2048,
                },
                "data": {"time": MONDAY_MS, "delivery": "held"},
            }
        ],
    }


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"activity": CREATE}, (1, "New")),
        ({"activity": UPDATE}, (0, "Unknown")),
        ({"activity": UPDATE, "window": "final"}, (0, "Unknown")),
        ({"activity": UPDATE, "reopened": True}, (1, "New")),
        ({"activity": CLOSE}, (3, "Suppressed")),
    ],
)
def test_an_update_leaves_the_status_to_the_analyst(given: dict[str, Any], status: tuple[Any, Any]) -> None:
    alert = orjson.loads(encode_alert(finding(**given)))
    assert (alert["status_id"], alert["status"]) == status
    assert alert["type_uid"] == 200_400 + given["activity"]


@pytest.mark.parametrize(
    ("domains", "confidence"),
    [
        ([mistaken()], (97, 3, "High")),
        ([mistaken(score=0.6, certain=False)], (60, 2, "Medium")),
        ([mistaken(score=0.6, certain=False), mistaken("navy.ml")], (97, 3, "High")),
        ([], (0, 0, "Unknown")),
    ],
)
def test_the_confidence_is_that_of_the_surest_domain(
    domains: list[MistakenDomain], confidence: tuple[int, int, str]
) -> None:
    alert = orjson.loads(encode_alert(finding(domains=domains)))
    assert (alert["confidence_score"], alert["confidence_id"], alert["confidence"]) == confidence


def test_the_same_state_gives_the_same_bytes_and_another_state_another_uid() -> None:
    assert encode_alert(finding()) == encode_alert(finding())
    states = [finding(), finding(count=4), finding(evidences=[]), finding(time_ms=1), finding(sequence=2)]
    assert len({orjson.loads(encode_alert(state))["metadata"]["uid"] for state in states}) == len(states)


def test_what_is_not_an_ocsf_address_goes_to_the_mailbox_fields() -> None:
    alert = orjson.loads(encode_alert(STATES["masked"]))
    assert alert["evidences"] == [
        {"data": {"from_mailbox": "3f2a", "to_mailboxes": ["army.ml"], "time": MONDAY_MS, "delivery": "unknown"}},
        {"email": {"from_mailbox": "", "to": ["a@army.ml"], "to_mailboxes": ["ü@army.ml"]}},
    ]


MASKED = f"hmac-{'0a' * 16}@mod.gov.uk"


@pytest.mark.parametrize(
    ("sender", "user"),
    [
        ("desk7@mod.gov.uk", {"name": "desk7@mod.gov.uk", "email_addr": "desk7@mod.gov.uk"}),
        (MASKED, {"name": MASKED, "email_addr": MASKED}),
        ("ü@mod.gov.uk", {"name": "ü@mod.gov.uk"}),
    ],
)
def test_the_sender_is_the_actor(sender: str, user: dict[str, str]) -> None:
    for state in (finding(sender=sender), finding(sender=sender, activity=UPDATE, window="final", evidences=[])):
        alert = orjson.loads(encode_alert(state))
        assert alert["actor"] == {"user": user}
        assert alert["metadata"]["profiles"] == ["host"]


@pytest.mark.parametrize("sender", [None, ""])
def test_without_a_sender_there_is_no_actor(sender: str | None) -> None:
    alert = orjson.loads(encode_alert(finding(sender=sender)))
    assert "actor" not in alert
    assert "profiles" not in alert["metadata"]


def test_an_alert_says_how_many_evidences_it_leaves_out() -> None:
    alerts = [orjson.loads(encode_alert(finding(evidences_left_out=number))) for number in (0, 13)]
    assert [alert["unmapped"]["straymail"].get("evidences_left_out") for alert in alerts] == [None, 13]


def test_an_alert_is_sent_under_the_uid_of_its_finding() -> None:
    alert = alert_of(finding(), repeated=True)
    assert (alert.uid, alert.rule, alert.severity, alert.activity, alert.repeated) == (
        finding().uid,
        "sender-typo-hits",
        Severity.MEDIUM,
        "create",
        True,
    )
    assert alert.value == encode_alert(finding())


def test_what_dns_says_is_an_enrichment() -> None:
    facts = DnsFacts(MONDAY_MS, "unowned", "army.ml", open=True)
    alert = orjson.loads(encode_alert(finding(domains=[mistaken("navy.ml"), mistaken("army.ml", dns=facts)])))
    (enrichment,) = alert["enrichments"]
    assert (enrichment["name"], enrichment["value"]) == ("unmapped.straymail.domains[].domain", "army.ml")
    assert enrichment["desc"] == "nobody owns army.ml: mail to it bounces today; register it"
    assert enrichment["data"] == alert["unmapped"]["straymail"]["domains"][1]["dns"]
    assert "enrichments" not in orjson.loads(encode_alert(finding()))
