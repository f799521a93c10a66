"""Which senders are notified, and why the others are skipped."""

from __future__ import annotations

from typing import Any

import pytest

from streams.errors import ConfigurationError
from streams.events.alert import encode_alert
from streams.events.alert_view import read_alert
from streams.notify.notify_policy import policy_of
from streams.notify.settings import NotifySettings
from streams.severity import Severity
from tests.cli.finding import finding

LAST_MS = finding().last_seen_ms
HOUR_MS = 3_600_000


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"sender": "jo@hq.mod.gov.uk"}, None),
        ({"sender": "jo@notmod.gov.uk"}, "not at an own domain"),
        ({"sender": "jo@gov.uk"}, "not at an own domain"),
        ({"sender": "jo@army.mil"}, "not at an own domain"),
        ({"sender": None, "group_by": "domain"}, "no single sender"),
        ({"activity": 3}, "withdrawn"),
        ({"severity": Severity.LOW}, "too low"),
        ({"count": 0, "asked_count": 3}, "the gate has asked"),
        ({"last_seen_ms": LAST_MS - 72 * HOUR_MS - 1}, "too old"),
        ({"sender": "mailer-daemon@mod.gov.uk"}, "nobody reads"),
        ({"sender": "no-reply@mod.gov.uk"}, "nobody reads"),
        ({"sender": "owner-list@mod.gov.uk"}, "nobody reads"),
        ({"sender": "list-request@mod.gov.uk"}, "nobody reads"),
        ({"sender": f"hmac-{'0' * 32}@mod.gov.uk"}, "nobody reads"),
        ({"sender": "a b@mod.gov.uk"}, "nobody reads"),
        ({"sender": "jo@x.org,desk@mod.gov.uk"}, "nobody reads"),
        ({"sender": "jo@mod.gov.uk\r\nBcc: x@y.z"}, "nobody reads"),
    ],
)
def test_reasons_to_skip_a_finding(changes: dict[str, Any], reason: str | None) -> None:
    policy = policy_of(NotifySettings(severity="medium"), ["mod.gov.uk"])
    given = policy.reason_to_skip(read_alert(encode_alert(finding(**changes))), LAST_MS)
    assert (given is None) is (reason is None)
    assert reason is None or (given is not None and reason in given)


@pytest.mark.parametrize(("own", "sentence"), [([], "own_domains is empty"), (["not a domain"], "own_domains: ")])
def test_own_domains_are_required(own: list[str], sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        policy_of(NotifySettings(), own)
