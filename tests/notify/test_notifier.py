"""Each finding once, each sender once a day, whatever the mail server and a crash do."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import orjson
import pytest

from streams.errors import StraymailError
from streams.events.alert import encode_alert
from streams.events.finding import Evidence
from streams.notify.journal import DAY_MS, Journal
from streams.notify.letter import read_template
from streams.notify.notifier import LetterInputs, MailTransport, Notifier, recipients_of
from streams.notify.notify_policy import policy_of
from streams.notify.settings import NotifySettings
from streams.notify.smtp import NotAcceptedError, RefusedError, UnknownOutcomeError
from tests.cli.finding import finding

NOW_MS = finding().last_seen_ms + 1_000
ALERT = encode_alert(finding())
INPUTS = LetterInputs(read_template(None), "soc@mod.gov.uk", "us")


class Scripted:
    """A transport that raises the next error of its script; None accepts the mail."""

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


def notifier(journal: Journal, transport: MailTransport | None, waits: list[str] | None = None) -> Notifier:
    policy = policy_of(NotifySettings(), ["mod.gov.uk"])
    reasons = waits if waits is not None else []
    return Notifier(policy, INPUTS, journal, transport, key=b"k", wait=reasons.append)


def outcome(of: Notifier, value: bytes, now_ms: int = NOW_MS) -> str | None:
    result = of.notify(value, now_ms)
    return result.outcome if result is not None else None


def test_a_finding_is_notified_once_however_it_changes(journal: Journal) -> None:
    transport = Scripted()
    own = notifier(journal, transport)
    assert outcome(own, ALERT) == "sent"
    assert outcome(own, ALERT) is None
    assert outcome(own, encode_alert(finding(sequence=2, count=8))) is None
    assert outcome(notifier(journal, transport), ALERT) is None
    (mail,) = transport.mails
    assert mail["Message-ID"] == f"<straymail-{finding().uid}@mod.gov.uk>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Subject"] == "You sent mail to army.ml: did you mean army.mil?"


def test_a_sender_is_notified_at_most_once_a_day(journal: Journal) -> None:
    transport = Scripted()
    own = notifier(journal, transport)
    assert outcome(own, ALERT) == "sent"
    assert outcome(own, encode_alert(finding(uid="b2" * 16)), NOW_MS + DAY_MS - 1) == "skipped"
    assert outcome(own, encode_alert(finding(uid="c3" * 16, sender="x@mod.gov.uk"))) == "sent"
    assert outcome(own, encode_alert(finding(uid="d4" * 16)), NOW_MS + DAY_MS) == "sent"


def test_a_skipped_finding_is_reported_when_it_rings_and_not_at_each_update(journal: Journal) -> None:
    own = notifier(journal, Scripted())
    rings = {1: True, 2: False, 3: False, 4: True}
    states = [finding(sequence=at, is_alert=ring, sender="x@elsewhere.example") for at, ring in rings.items()]
    assert [outcome(own, encode_alert(state)) for state in states] == ["skipped", None, None, "skipped"]


def test_an_update_that_rings_nobody_still_notifies_whom_nothing_bars_any_more(journal: Journal) -> None:
    own = notifier(journal, Scripted())
    assert outcome(own, ALERT) == "sent"
    other = encode_alert(finding(uid="b2" * 16, is_alert=False))
    assert outcome(own, other) is None
    assert outcome(own, other, NOW_MS + DAY_MS) == "sent"


def test_what_was_not_accepted_is_retried(journal: Journal) -> None:
    transport, waits = Scripted(NotAcceptedError("busy"), NotAcceptedError("busy still"), None), list[str]()
    assert outcome(notifier(journal, transport, waits), ALERT) == "sent"
    assert waits == ["busy", "busy still"]
    assert len(transport.mails) == 1


@pytest.mark.parametrize(
    ("error", "expected"), [(RefusedError("550"), "refused"), (UnknownOutcomeError("broke"), "unknown")]
)
def test_what_was_refused_or_may_have_been_sent_is_not_sent_again(
    journal: Journal, error: StraymailError, expected: str
) -> None:
    transport = Scripted(error)
    assert outcome(notifier(journal, transport), ALERT) == expected
    assert outcome(notifier(journal, transport), ALERT) is None
    assert transport.mails == []


def test_a_mail_that_was_being_sent_in_a_crash_is_reported_and_not_sent_again(journal: Journal) -> None:
    journal.claim(finding().uid, "digest", NOW_MS)
    transport = Scripted()
    assert outcome(notifier(journal, transport), ALERT) == "unknown"
    assert outcome(notifier(journal, transport), ALERT) is None
    assert transport.mails == []


def test_a_dry_run_sends_and_remembers_nothing(journal: Journal) -> None:
    dry = notifier(journal, None)
    assert [outcome(dry, ALERT), outcome(dry, ALERT)] == ["dry-run", None]
    assert journal.state(finding().uid) is None


def test_a_dry_run_shows_the_whole_letter(journal: Journal) -> None:
    dry, transport = notifier(journal, None).notify(ALERT, NOW_MS), Scripted()
    assert outcome(notifier(journal, transport), ALERT) == "sent"
    assert dry is not None
    assert dry.letter is not None
    (mail,) = transport.mails
    assert (dry.letter.subject, dry.letter.text) == (mail["Subject"], mail.get_content().replace("\r\n", "\n"))


def test_what_is_not_an_alert_is_skipped(journal: Journal) -> None:
    assert outcome(notifier(journal, None), b"{}") is None
    assert outcome(notifier(journal, None), orjson.dumps({**orjson.loads(ALERT), "evidences": 5})) is None


def test_the_journal_survives_and_has_one_user(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with Journal(path) as first:
        first.claim("f", "s", NOW_MS)
        first.settle("f", "sent")
        first.save_position(3, 41)
        with pytest.raises(StraymailError, match="only one `straymail notify` can use it"):
            Journal(path).__enter__()
    with Journal(path) as again:
        assert (again.state("f"), again.positions()) == ("sent", {3: 42})
    with pytest.raises(StraymailError, match="can't use the journal"):
        Journal(tmp_path / "nosuch" / "journal").__enter__()


def test_a_letter_is_about_mail_that_left() -> None:
    stopped = Evidence("jo@mod.gov.uk", ["sam@army.ml"], time_ms=NOW_MS, delivery="rejected", asked="corrected")
    left = Evidence("jo@mod.gov.uk", ["kim@army.ml"], time_ms=NOW_MS, delivery="delivered")
    assert recipients_of(encode_alert(finding(evidences=[stopped, left], asked_count=1))) == ["kim@army.ml"]
