"""Notifies the senders of alerts: once per finding, and each sender at most once a day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any, Protocol

import msgspec

from streams.errors import UnreadableRecord
from streams.events.alert_view import AlertView, decode_alert, read_alert
from streams.events.privacy import key_digest
from streams.notify.journal import DAY_MS, Journal
from streams.notify.letter import Letter, LetterTemplate, facts_of
from streams.notify.mail import mail_of
from streams.notify.notify_policy import NotifyPolicy
from streams.notify.smtp import NotAcceptedError, RefusedError, UnknownOutcomeError


class MailTransport(Protocol):
    """Submits mails; its errors are those of `streams.notify.smtp`."""

    def send(self, mail: EmailMessage, recipient: str) -> None:
        """Return once the mail is accepted. Raises NotAcceptedError, RefusedError or UnknownOutcomeError."""


@dataclass(frozen=True, slots=True)
class NotifyResult:
    """The result for one finding. `outcome` is `sent`, `dry-run`, `skipped`, `refused` or `unknown`; `why` gives
    the reason where it is none of the first two. `letter` is what a dry run would have sent."""

    finding: str
    outcome: str
    why: str = ""
    recipient: str = ""
    letter: Letter | None = None


@dataclass(frozen=True, slots=True)
class LetterInputs:
    """The inputs of every letter that don't depend on the finding."""

    template: LetterTemplate
    from_address: str
    contact: str


class Notifier:
    """Processes alerts one by one. `transport` is None in a dry run, which leaves the journal unchanged. `wait` is
    called with the reason before a mail is retried."""

    def __init__(
        self,
        policy: NotifyPolicy,
        inputs: LetterInputs,
        journal: Journal,
        transport: MailTransport | None,
        *,
        key: bytes,
        wait: Callable[[str], None],
    ) -> None:
        self._policy, self._inputs, self._journal, self._transport = policy, inputs, journal, transport
        self._key, self._wait = key, wait
        self._shown: set[str] = set()

    def notify(self, value: bytes, now_ms: int) -> NotifyResult | None:
        """Process one alert, retrying until its mail is settled; None where it is no alert or is already settled, and
        where it is skipped and rings nobody: an update that says what the finding's earlier alerts said."""
        try:
            view = read_alert(value)
        except UnreadableRecord:
            return None
        state = self._journal.state(view.uid)
        if state == "claimed":
            self._journal.settle(view.uid, "sent")
            return NotifyResult(view.uid, "unknown", "a mail was being sent when straymail ended: it is not sent again")
        if state is not None or view.uid in self._shown:
            return None
        reason = self._policy.reason_to_skip(view, now_ms) or self._too_often(view, now_ms)
        if reason is not None:
            return NotifyResult(view.uid, "skipped", reason) if view.is_alert else None
        try:
            recipients = recipients_of(value)
        except UnreadableRecord:
            return None
        return self._send(view, recipients, now_ms)

    def _too_often(self, view: AlertView, now_ms: int) -> str | None:
        is_recent = self._journal.notified_since(self._digest(view), now_ms - DAY_MS)
        return "its sender was notified of another finding less than a day ago" if is_recent else None

    def _send(self, view: AlertView, recipients: list[str], now_ms: int) -> NotifyResult:
        recipient = view.sender or ""
        letter = self._inputs.template.fill(facts_of(view, recipients, self._inputs.contact))
        if self._transport is None:
            self._shown.add(view.uid)
            return NotifyResult(view.uid, "dry-run", "", recipient, letter)
        mail = mail_of(letter, sender=self._inputs.from_address, recipient=recipient, finding=view.uid, now_ms=now_ms)
        while True:
            self._journal.claim(view.uid, self._digest(view), now_ms)
            try:
                self._transport.send(mail, recipient)
            except NotAcceptedError as error:
                self._journal.release(view.uid)
                self._wait(str(error))
            except RefusedError as error:
                self._journal.settle(view.uid, "refused")
                return NotifyResult(view.uid, "refused", str(error), recipient)
            except UnknownOutcomeError as error:
                self._journal.settle(view.uid, "sent")
                return NotifyResult(view.uid, "unknown", str(error), recipient)
            else:
                self._journal.settle(view.uid, "sent")
                return NotifyResult(view.uid, "sent", "", recipient)

    def _digest(self, view: AlertView) -> str:
        return key_digest(self._key, view.sender or "")


class _Recipients(msgspec.Struct):
    to: list[str] = []
    to_mailboxes: list[str] = []
    asked: Any = msgspec.UNSET


class _Evidence(msgspec.Struct):
    email: _Recipients | None = None
    data: _Recipients | None = None


class _Alert(msgspec.Struct):
    evidences: list[_Evidence] = []


_decoder = msgspec.json.Decoder(_Alert)


def recipients_of(value: bytes) -> list[str]:
    """The recipients in an alert's evidences of mail that left, masked as the privacy settings say. Raises
    UnreadableRecord."""
    evidences = decode_alert(_decoder.decode, value).evidences
    left = [evidence for evidence in evidences if evidence.data is None or evidence.data.asked is msgspec.UNSET]
    emails = [evidence.email or evidence.data or _Recipients() for evidence in left]
    return [recipient for email in emails for recipient in (*email.to, *email.to_mailboxes)]
