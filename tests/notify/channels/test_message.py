"""The text of a message: what each redaction leaves out, digests, and marks of a possible repeat."""

from __future__ import annotations

from typing import Any

import pytest

from streams.events.alert import encode_alert
from streams.events.alert_view import AlertView, read_alert
from streams.events.mistaken_domain import MistakenDomain
from streams.notify.channels.message import LINES, Redaction, compose
from streams.severity import Severity
from tests.cli.finding import ARMY, finding

NAVY = MistakenDomain("navy.ml", "navy.mil", "omission", "the suffix .mil lost its i", 0.9, certain=True)


def view(**changes: Any) -> AlertView:
    return read_alert(encode_alert(finding(**changes)))


@pytest.mark.parametrize(
    ("redact", "title"),
    [
        ("nothing", "desk@mod.gov.uk sent 3 mails to army[.]ml, probably meant for army.mil"),
        ("addresses", "A sender sent 3 mails to army[.]ml, probably meant for army.mil"),
        ("domains", "A sender sent 3 mails to 1 mistaken domain"),
    ],
)
def test_what_a_channel_may_not_show_is_left_out(redact: Redaction, title: str) -> None:
    message = compose([view(runbook_url="https://wiki.mod.gov.uk/leak")], redact, ())
    assert message.title == f"straymail: High: {title}"
    assert message.text.startswith(
        f"{title}.\n3 mails were delivered: treat the content as disclosed.\nFinding a1a1a1a1a1a1"
    )
    assert ("https://wiki.mod.gov.uk/leak" in message.text) is (redact == "nothing")


@pytest.mark.parametrize("redact", ["addresses", "domains"])
def test_no_text_of_a_channel_has_what_is_redacted(redact: Redaction) -> None:
    views = [view(uid=f"{n:032x}", domains=[ARMY, NAVY], domain_count=2) for n in range(LINES + 5)]
    text = "".join(
        f"{message.title}{message.text}" for message in (compose(views, redact, ()), compose(views[:1], redact, ()))
    )
    assert "@" not in text
    assert redact == "addresses" or not any(name in text for name in ("army", "navy", "mod.gov.uk", ".ml"))


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"domains": [ARMY, NAVY], "domain_count": 4}, "sent 3 mails to army[.]ml and 3 other mistaken domains"),
        ({"count_is_minimum": True}, "sent at least 3 mails to army[.]ml, probably"),
        ({"group_by": "domain", "counts": "senders", "sender": None}, "High: 3 senders wrote to army[.]ml, probably"),
        ({"count": 0, "asked_count": 1}, "The gate asked desk@mod.gov.uk about 1 mail to army[.]ml"),
        ({"sender": "see <https://x.org> *now*@mod.gov.uk"}, "High: mod.gov.uk sent 3 mails"),
        ({"sender": "<!channel>@mod.gov.uk"}, "High: mod.gov.uk sent 3 mails"),
        ({"sender": None}, "High: A sender sent 3 mails"),
        ({"domains": [], "domain_count": 0}, "sent 3 mails to 1 mistaken domain"),
    ],
)
def test_findings_in_words(changes: dict[str, Any], what: str) -> None:
    assert what in compose([view(**changes)], "nothing", ()).title


def test_many_findings_are_one_message_the_worst_first() -> None:
    severities = [Severity.MEDIUM] * 20 + [Severity.CRITICAL] + [Severity.HIGH] * 2
    views = [view(uid=f"{n:032x}", severity=severity) for n, severity in enumerate(severities)]
    message = compose(views, "addresses", ())
    assert message.title == "straymail: 23 findings: 1 critical, 2 high, 20 medium"
    lines = message.text.splitlines()
    assert [line.partition(":")[0] for line in lines[:4]] == ["Critical", "High", "High", "Medium"]
    assert lines[LINES:] == ["and 3 more findings: see the console, or `straymail alerts`"]
    assert message.severity == Severity.CRITICAL


def test_what_may_be_a_repeat_says_so() -> None:
    first, second = view(), view(uid="b2" * 16)
    both = compose([first, second], "addresses", {first.uid})
    assert both.title == "straymail: 2 findings: 2 high"
    assert [line.startswith("High: may be a repeat: ") for line in both.text.splitlines()] == [True, False]
    assert compose([first], "addresses", {first.uid}).title.startswith("straymail: may be a repeat: High: ")
