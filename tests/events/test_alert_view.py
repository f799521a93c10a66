"""Alerts are read back from their bytes."""

from typing import Any

import pytest

from streams.errors import UnreadableRecord
from streams.events.alert import encode_alert
from streams.events.alert_view import read_alert
from streams.events.finding import CLOSE
from streams.severity import Severity
from tests.events.finding_samples import DAY_MS, MONDAY_MS, finding, mistaken


def test_a_view_has_the_content_of_the_alert() -> None:
    domains = [mistaken(listed=True, groups=("allies",)), mistaken("navy.ml", "navy.mil")]
    view = read_alert(encode_alert(finding(domains=domains, labels=["OFFICIAL"], owner="soc@example.org", late=True)))
    assert (view.uid, view.sequence, view.activity, view.is_alert) == (finding().uid, 1, "create", True)
    assert (view.severity, view.rule, view.group_by, view.counts) == (
        Severity.MEDIUM,
        "sender-typo-hits",
        "sender",
        "mails",
    )
    assert (view.sender, view.domain, view.intended, view.slip) == (
        "desk7@mod.gov.uk",
        "army.ml",
        "army.mil",
        "suffix-omission",
    )
    assert view.domains == tuple(domains)
    assert (view.count, view.peak, view.delivered_count, view.domain_count) == (3, 3, 1, 2)
    assert (view.start_ms, view.end_ms, view.time_ms) == (MONDAY_MS, MONDAY_MS + DAY_MS, MONDAY_MS + 7_200_000)
    assert (view.window, view.late, view.count_is_minimum, view.labels) == ("open", True, False, ("OFFICIAL",))
    assert (
        view.title == "desk7@mod.gov.uk sent 3 mails to army.ml and navy.ml, probably meant for army.mil and navy.mil"
    )
    assert (view.owner, view.runbook_url, view.confidence) == ("soc@example.org", None, 97)
    assert len(view.state_uid) == 32


@pytest.mark.parametrize(
    ("given", "may_grow"),
    [
        ({}, True),
        ({"window": "late"}, True),
        ({"window": "final"}, False),
        ({"window": "final", "count_is_minimum": True}, True),
        ({"activity": CLOSE}, False),
    ],
)
def test_a_count_that_is_not_final_may_grow(given: dict[str, Any], may_grow: bool) -> None:
    assert read_alert(encode_alert(finding(**given))).may_grow == may_grow


def test_an_alert_without_names_has_empty_ones() -> None:
    view = read_alert(encode_alert(finding(domains=[], sender=None)))
    assert (view.sender, view.domain, view.intended, view.domains) == (None, "", "", ())


@pytest.mark.parametrize("value", [b"", b"\xff\xfe", b"[]", b"{}", b'{"time": "soon"}'])
def test_bytes_that_are_not_an_alert_are_an_error(value: bytes) -> None:
    with pytest.raises(UnreadableRecord, match="not a Detection Finding of straymail") as refused:
        read_alert(value)
    assert refused.value.reason == "not-an-alert"


def test_an_activity_of_a_later_version_is_an_error() -> None:
    with pytest.raises(UnreadableRecord):
        read_alert(encode_alert(finding()).replace(b'"activity_id":1', b'"activity_id":9'))
