"""What a real OpenSearch makes of alerts, by the templates and the pipeline of deploy/connect."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import as_file
from typing import Any

import orjson
import pytest

from streams import clock
from streams.backtest.groups import SenderGroups
from streams.backtest.score import ScoringPlan
from streams.config import Settings
from streams.data.samples import sample_events, watchlist_file
from streams.domains.watchlist.file import read_watchlist
from streams.events.alert import encode_alert
from streams.events.finding import Evidence
from tests.backtest.test_run import run
from tests.deploy.ecs import ECS_FIELDS, ecs_leaves
from tests.deploy.test_connect import load
from tests.events.finding_samples import MONDAY_MS, finding, mistaken
from tests.events.test_alert import STATES
from tests.search.node import SearchNode

pytestmark = pytest.mark.timeout(300)
INDEX, TEMPLATE = "mail.alerts", "mail-alerts"


@pytest.fixture(scope="module")
def alerts() -> list[Any]:
    """Every alert of the sample mail, and one of each kind of state."""
    with as_file(watchlist_file()) as path:
        watchlist = read_watchlist(path, today=clock.today())
    used = ScoringPlan(Settings(), watchlist, SenderGroups())
    _, found = run((orjson.dumps(event) for event in sample_events(MONDAY_MS)), used)
    return found + [orjson.loads(encode_alert(state)) for state in STATES.values()]


def indexed(search: SearchNode, alerts: list[Any]) -> dict[str, Any]:
    """The alerts as the index has them, by the uid of their state; each is a document."""
    lines: list[Any] = []
    for alert in alerts:
        lines += [{"index": {"_id": alert["metadata"]["uid"]}}, alert]
    answer = search.request("POST", f"/{INDEX}/_bulk?refresh=true", lines)
    assert [item for item in answer["items"] if item["index"]["status"] >= 300] == []
    hits = search.request("GET", f"/{INDEX}/_search?size=10000")["hits"]["hits"]
    return {hit["_id"]: hit["_source"] for hit in hits}


@pytest.fixture
def ocsf(search: SearchNode) -> Iterator[SearchNode]:
    search.request("PUT", f"/_index_template/{TEMPLATE}", load("index-template"))
    yield search
    search.request("DELETE", f"/{INDEX}")


@pytest.fixture
def ecs(search: SearchNode) -> Iterator[SearchNode]:
    search.request("PUT", "/_ingest/pipeline/mail-alerts-ecs", load("ecs-pipeline"))
    search.request("PUT", f"/_index_template/{TEMPLATE}", load("ecs-index-template"))
    yield search
    search.request("DELETE", f"/{INDEX}")


def found(search: SearchNode, query: str) -> int:
    """How many documents a query finds."""
    count: int = search.request("GET", f"/{INDEX}/_count", {"query": {"query_string": {"query": query}}})["count"]
    return count


def test_the_first_template_takes_every_alert_as_it_is(ocsf: SearchNode, alerts: list[Any]) -> None:
    documents = indexed(ocsf, alerts)
    assert documents == {alert["metadata"]["uid"]: alert for alert in alerts}
    sender = next(alert["actor"]["user"]["name"] for alert in alerts if "actor" in alert)
    expected = sum(alert.get("actor", {}).get("user", {}).get("name") == sender for alert in documents.values())
    assert found(ocsf, f'actor.user.name:"{sender}"') == expected
    assert found(ocsf, "confidence_id:3 AND status:Unknown") > 0


def test_the_pipeline_makes_ecs_fields_alone(ecs: SearchNode, alerts: list[Any]) -> None:
    documents = indexed(ecs, alerts)
    assert documents.keys() == {alert["metadata"]["uid"] for alert in alerts}
    seen = set()
    for document in documents.values():
        for name, value in ecs_leaves(document):
            assert ECS_FIELDS[name].allows(value), (name, value)
            seen.add(name)
    assert seen == ECS_FIELDS.keys()


def test_what_a_document_says(ecs: SearchNode) -> None:
    state = finding(labels=["OFFICIAL"], runbook_url="https://x.org/run", owner="soc@x.org")
    alert = orjson.loads(encode_alert(state))
    (document,) = indexed(ecs, [alert]).values()
    remediation = document["labels"].pop("remediation")
    assert remediation == alert["remediation"]["desc"]
    assert document == {
        "@timestamp": "2026-06-29T02:00:00.000Z",
        "message": "desk7@mod.gov.uk sent 3 mails to army.ml, probably meant for army.mil",
        "tags": ["OFFICIAL"],
        "ecs": {"version": "9.4.0"},
        "event": {
            "kind": "alert",
            "category": ["email"],
            "type": ["info"],
            "module": "straymail",
            "dataset": "straymail.alerts",
            "action": "create",
            "id": alert["metadata"]["uid"],
            "sequence": 1,
            "severity": 3,
            "reason": alert["finding_info"]["desc"],
            "reference": "https://x.org/run",
            "start": "2026-06-29T01:00:00.000Z",
            "end": "2026-06-29T02:00:00.000Z",
        },
        "rule": {"name": "sender-typo-hits"},
        "observer": {"vendor": "straymail", "product": "straymail", "version": alert["metadata"]["product"]["version"]},
        "user": {"name": "desk7@mod.gov.uk", "email": "desk7@mod.gov.uk"},
        "email": {
            "direction": "outbound",
            "from": {"address": ["desk7@mod.gov.uk"]},
            "to": {"address": ["col.smith@army.ml"]},
            "message_id": "<1@mod.gov.uk>",
            "origination_timestamp": "2026-06-29T00:00:00Z",
        },
        "destination": {"domain": "army.ml"},
        "related": {"user": ["col.smith@army.ml", "desk7@mod.gov.uk"], "hosts": ["army.mil", "army.ml"]},
        "labels": {
            "finding": state.uid,
            "correlation": state.correlation_uid,
            "severity": "Medium",
            "status": "New",
            "confidence": "High",
            "confidence_score": "97",
            "is_alert": "true",
            "count": "3",
            "group_by": "sender",
            "counts": "mails",
            "peak": "3",
            "count_is_minimum": "false",
            "delivered_count": "1",
            "domain_count": "1",
            "window_state": "open",
            "slip": "suffix-omission",
            "intended": "army.mil",
            "owner": "soc@x.org",
        },
    }
    for query in (
        'user.email:"desk7@mod.gov.uk"',
        "labels.is_alert:true",
        "message:army.ml",
        "event.severity:[3 TO 5]",
    ):
        assert found(ecs, query) == 1, query


def test_several_mails_have_no_single_id(ecs: SearchNode) -> None:
    mails = [Evidence(f"d{number}@mod.gov.uk", [f"r{number}@army.ml"], f"<{number}@x>") for number in range(2)]
    state = finding(sender=None, group_by="domain", counts="senders", evidences=mails, domains=[mistaken()])
    (document,) = indexed(ecs, [json.loads(encode_alert(state))]).values()
    assert document["email"] == {
        "direction": "outbound",
        "from": {"address": ["d0@mod.gov.uk", "d1@mod.gov.uk"]},
        "to": {"address": ["r0@army.ml", "r1@army.ml"]},
    }
    assert "user" not in document
