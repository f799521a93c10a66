"""Each finding once, each sender once a day, whatever the mail server and a crash do."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from streams.errors import StraymailError
from streams.events.alert import encode_alert
from streams.notify.journal import DAY_MS, Journal
from streams.notify.letter import read_template
from streams.notify.notifier import Carrier, Notifier, Wording
from streams.notify.post import NotTakenError, RefusedError, UnknownOutcomeError
from streams.notify.settings import NotifySettings
from streams.notify.whom import whom_of
from tests.cli.finding import finding

NOW_MS = finding().last_seen_ms + 1_000
ALERT = encode_alert(finding())
WORDING = Wording(read_template(None), "soc@mod.gov.uk", "us")


class Scripted:
    """A carrier that does what is next in its script; None takes the mail."""

    def __init__(self, *script: Exception | None) -> None:
        self._script = list(script)
        self.mails: list[EmailMessage] = []

    def send(self, mail: EmailMessage, recipient: str) -> None:
        error = self._script.pop(0) if self._script else None
        if error is not None:
            raise error
        assert mail["To"] == recipient
        self.mails.append(mail)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.sqlite") as opened:
        yield opened


def notifier(journal: Journal, carrier: Carrier | None, waits: list[str] | None = None) -> Notifier:
    whom = whom_of(NotifySettings(), ["mod.gov.uk"])
    told = waits if waits is not None else []
    return Notifier(whom, WORDING, journal, carrier, key=b"k", wait=told.append)


def outcome(of: Notifier, value: bytes, now_ms: int = NOW_MS) -> str | None:
    told = of.tell(value, now_ms)
    return told.outcome if told is not None else None


def test_a_finding_is_told_once_whatever_it_becomes(journal: Journal) -> None:
    carrier = Scripted()
    telling = notifier(journal, carrier)
    assert outcome(telling, ALERT) == "sent"
    assert outcome(telling, ALERT) is None
    assert outcome(telling, encode_alert(finding(sequence=2, count=8))) is None
    assert outcome(notifier(journal, carrier), ALERT) is None
    (mail,) = carrier.mails
    assert mail["Message-ID"] == f"<straymail-{finding().uid}@mod.gov.uk>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Subject"] == "Mail that you sent to army.ml, not to army.mil"


def test_a_sender_is_told_at_most_once_a_day(journal: Journal) -> None:
    carrier = Scripted()
    telling = notifier(journal, carrier)
    assert outcome(telling, ALERT) == "sent"
    assert outcome(telling, encode_alert(finding(uid="b2" * 16)), NOW_MS + DAY_MS - 1) == "passed-over"
    assert outcome(telling, encode_alert(finding(uid="c3" * 16, sender="x@mod.gov.uk"))) == "sent"
    assert outcome(telling, encode_alert(finding(uid="d4" * 16)), NOW_MS + DAY_MS) == "sent"


def test_what_was_not_taken_is_tried_again(journal: Journal) -> None:
    carrier, waits = Scripted(NotTakenError("busy"), NotTakenError("busy still"), None), list[str]()
    assert outcome(notifier(journal, carrier, waits), ALERT) == "sent"
    assert waits == ["busy", "busy still"]
    assert len(carrier.mails) == 1


@pytest.mark.parametrize(
    ("error", "expected"), [(RefusedError("550"), "refused"), (UnknownOutcomeError("broke"), "unknown")]
)
def test_what_was_refused_or_may_have_gone_is_not_sent_again(
    journal: Journal, error: StraymailError, expected: str
) -> None:
    carrier = Scripted(error)
    assert outcome(notifier(journal, carrier), ALERT) == expected
    assert outcome(notifier(journal, carrier), ALERT) is None
    assert carrier.mails == []


def test_a_mail_that_was_under_way_in_a_crash_is_told_and_not_sent_again(journal: Journal) -> None:
    journal.claim(finding().uid, "digest", NOW_MS)
    carrier = Scripted()
    assert outcome(notifier(journal, carrier), ALERT) == "unknown"
    assert outcome(notifier(journal, carrier), ALERT) is None
    assert carrier.mails == []


def test_a_dry_run_sends_and_remembers_nothing(journal: Journal) -> None:
    dry = notifier(journal, None)
    assert [outcome(dry, ALERT), outcome(dry, ALERT)] == ["dry-run", None]
    assert journal.outcome(finding().uid) is None


def test_what_is_no_alert_is_passed_over(journal: Journal) -> None:
    assert outcome(notifier(journal, None), b"{}") is None


def test_the_journal_survives_and_has_one_user(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with Journal(path) as first:
        first.claim("f", "s", NOW_MS)
        first.settle("f", "sent")
        first.done_with(3, 41)
        with pytest.raises(StraymailError, match="only one `straymail notify`"):
            Journal(path).__enter__()
    with Journal(path) as again:
        assert (again.outcome("f"), again.positions()) == ("sent", {3: 42})
    with pytest.raises(StraymailError, match="can't use the journal"):
        Journal(tmp_path / "nosuch" / "journal").__enter__()
