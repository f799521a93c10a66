"""The schema of alerts, and that every alert of the code is valid by it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.events.alert import encode_alert
from streams.events.asked import OUTCOMES
from streams.events.delivery import STORED
from streams.events.finding import CLOSE as CLOSED
from streams.events.finding import CREATE, FINAL, LATE, OPEN, Evidence, FindingState
from streams.events.mistaken_domain import MistakenDomain
from streams.severity import Severity
from tests.schemas.load import is_valid, schema, validator

(CREATED,) = schema("alert")["examples"]


def changed(**fields: Any) -> dict[str, Any]:
    """The example with fields changed; one that is changed to `...` is left out."""
    return {name: value for name, value in (CREATED | fields).items() if value is not ...}


def changed_fields(**fields: Any) -> dict[str, Any]:
    return changed(unmapped={"straymail": CREATED["unmapped"]["straymail"] | fields})


UPDATE = {"activity_id": 2, "type_uid": 200402, "status_id": 0, "status": "Unknown", "is_alert": False}
CLOSE = {"activity_id": 3, "type_uid": 200403, "status_id": 3, "status": "Suppressed", "is_alert": False}


@pytest.mark.parametrize(
    "alert",
    [
        changed(**UPDATE),
        changed(**UPDATE | {"status_id": 1, "status": "New"}),
        changed(confidence_id=0, confidence="Unknown", confidence_score=0),
        changed(**CLOSE),
        changed(**CLOSE | {"count": 0, "evidences": ...}),
        changed(device={"hostname": "mx1"}),
        changed(actor={"user": {"name": "Desk 7"}}),
        changed(actor=...),
        changed_fields(window_state="final", late=True, owner="soc@mod.example"),
    ],
)
def test_alerts(alert: dict[str, Any]) -> None:
    assert is_valid("alert", alert)


@pytest.mark.parametrize(
    "alert",
    [
        *(changed(**{name: ...}) for name in schema("alert")["required"]),
        changed(activity_id=2),
        changed(status_id=0),
        changed(**UPDATE | {"status_id": 3}),
        changed(confidence_id=1),
        changed(**CLOSE | {"status_id": 4}),
        changed(**CLOSE | {"is_alert": True}),
        changed(severity_id=6),
        changed(confidence_score=101),
        changed(metadata=CREATED["metadata"] | {"version": "1.4.0"}),
        changed(evidences=CREATED["evidences"] * 21),
        changed_fields(window_state="closed"),
        changed_fields(domains=["army.ml"]),
        changed(evidences=[{"data": {"time": 1, "delivery": "held"}}]),
        changed(evidences=[{"email": {"from": "a@b.example"}, "data": {"delivery": "lost"}}]),
        changed(evidences=[{"email": {"from": "a@b.example"}, "data": {"asked": "why"}}]),
        changed_fields(asked_count=-1),
        changed(actor={"user": {"email_addr": "a@b.example"}}),
        changed(metadata=CREATED["metadata"] | {"profiles": ["cloud"]}),
    ],
)
def test_invalid_alerts(alert: dict[str, Any]) -> None:
    assert not is_valid("alert", alert)


uids = st.text("0123456789abcdef", min_size=32, max_size=32)
times = st.integers(0, 2**52)
counts = st.integers(0, 20_000)
names = st.text(min_size=1, max_size=20)
domains = st.builds(MistakenDomain, names, names, names, st.text(), st.floats(0, 1), st.booleans(), st.booleans())
states = st.builds(
    FindingState,
    uid=uids,
    correlation_uid=uids,
    rule=names,
    group_by=st.sampled_from(["sender", "domain"]),
    counts=st.sampled_from(["mails", "senders"]),
    start_ms=times,
    end_ms=times,
    sequence=counts,
    activity=st.sampled_from([CREATE, 2, CLOSED]),
    is_alert=st.booleans(),
    severity=st.sampled_from(Severity),
    window=st.sampled_from([OPEN, FINAL, LATE]),
    time_ms=times,
    created_ms=times,
    first_seen_ms=times,
    last_seen_ms=times,
    count=counts,
    peak=counts,
    delivered_count=counts,
    domain_count=counts,
    delivery=st.dictionaries(st.sampled_from(["delivered", "deferred", "held", "unknown", "failed"]), counts),
    domains=st.lists(domains, max_size=3),
    sender=st.none() | names,
    labels=st.lists(names, max_size=2),
    late=st.booleans(),
    reopened=st.booleans(),
    owner=st.none() | names,
    evidences=st.lists(
        st.builds(
            Evidence,
            st.sampled_from(["a@b.example", "\xfc@b", ""]),
            st.lists(names, max_size=2),
            time_ms=times,
            delivery=st.none() | st.sampled_from(STORED),
            asked=st.none() | st.sampled_from(OUTCOMES),
        ),
        max_size=20,
    ),
    evidences_left_out=counts,
    asked_count=counts,
    confirmed_count=counts,
    corrected_count=counts,
)


@pytest.mark.fuzz
@given(states.filter(lambda state: not (state.activity == CLOSED and state.is_alert)))
def test_every_alert_of_the_code_is_valid(state: FindingState) -> None:
    assert [error.message for error in validator("alert").iter_errors(json.loads(encode_alert(state)))] == []
