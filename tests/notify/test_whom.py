"""Who is told, and who isn't."""

from __future__ import annotations

from typing import Any

import pytest

from streams.errors import ConfigurationError
from streams.events.alert import encode_alert
from streams.events.alert_view import read_alert
from streams.notify.settings import NotifySettings
from streams.notify.whom import whom_of
from streams.severity import Severity
from tests.cli.finding import finding

LAST_MS = finding().last_seen_ms
HOUR_MS = 3_600_000


@pytest.mark.parametrize(
    ("changes", "why_not"),
    [
        ({}, None),
        ({"sender": "jo@hq.mod.gov.uk"}, None),
        ({"sender": "jo@notmod.gov.uk"}, "not of an own domain"),
        ({"sender": "jo@gov.uk"}, "not of an own domain"),
        ({"sender": "jo@army.mil"}, "not of an own domain"),
        ({"sender": None, "group_by": "domain"}, "no single sender"),
        ({"activity": 3}, "withdrawn"),
        ({"severity": Severity.LOW}, "too low"),
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
def test_whom(changes: dict[str, Any], why_not: str | None) -> None:
    whom = whom_of(NotifySettings(severity="medium"), ["mod.gov.uk"])
    told = whom.why_not(read_alert(encode_alert(finding(**changes))), LAST_MS)
    assert (told is None) is (why_not is None)
    assert why_not is None or (told is not None and why_not in told)


@pytest.mark.parametrize(("own", "told"), [([], "own_domains is empty"), (["not a domain"], "own_domains: ")])
def test_own_domains_have_to_be_named(own: list[str], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        whom_of(NotifySettings(), own)
