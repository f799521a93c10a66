"""Goes through alerts and tells senders: each finding once, each sender at most once a day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol

import orjson

from streams.errors import UnreadableRecord
from streams.events.alert_view import AlertView, read_alert
from streams.events.privacy import key_digest
from streams.notify.journal import DAY_MS, Journal
from streams.notify.letter import LetterTemplate, facts_of
from streams.notify.mail import mail_of
from streams.notify.post import NotTakenError, RefusedError, UnknownOutcomeError
from streams.notify.whom import Whom


class Carrier(Protocol):
    """Takes a mail; what it raises says what became of it (see `streams.notify.post`)."""

    def send(self, mail: EmailMessage, recipient: str) -> None:
        """Hand a mail over."""


@dataclass(frozen=True, slots=True)
class Told:
    """What was done about a finding: `sent`, `dry-run`, `passed-over`, `refused`, `unknown`; and why."""

    finding: str
    outcome: str
    why: str = ""
    recipient: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """Who writes, what, and whom to call."""

    template: LetterTemplate
    from_address: str
    contact: str


class Notifier:
    """`carrier` is None in a dry run, which writes nothing into the journal. `wait` rests before another try."""

    def __init__(
        self,
        whom: Whom,
        wording: Wording,
        journal: Journal,
        carrier: Carrier | None,
        *,
        key: bytes,
        wait: Callable[[str], None],
    ) -> None:
        self._whom, self._wording, self._journal, self._carrier = whom, wording, journal, carrier
        self._key, self._wait = key, wait
        self._met: set[str] = set()

    def tell(self, value: bytes, now_ms: int) -> Told | None:
        """Deal with one alert, and return when its mail is out; None where there is nothing to say of it."""
        try:
            view = read_alert(value)
        except UnreadableRecord:
            return None
        outcome = self._journal.outcome(view.uid)
        if outcome == "claimed":
            self._journal.settle(view.uid, "sent")
            return Told(view.uid, "unknown", "a mail was under way when straymail ended: it is not sent again")
        if outcome is not None or view.uid in self._met:
            return None
        why_not = self._whom.why_not(view, now_ms) or self._too_often(view, now_ms)
        if why_not is not None:
            return Told(view.uid, "passed-over", why_not)
        return self._send(view, value, now_ms)

    def _too_often(self, view: AlertView, now_ms: int) -> str | None:
        told = self._journal.told_since(self._digest(view), now_ms - DAY_MS)
        return "its sender was told of another one within a day" if told else None

    def _send(self, view: AlertView, value: bytes, now_ms: int) -> Told:
        recipient = view.sender or ""
        mail = self.letter(view, value, now_ms)
        if self._carrier is None:
            self._met.add(view.uid)
            return Told(view.uid, "dry-run", "", recipient)
        while True:
            self._journal.claim(view.uid, self._digest(view), now_ms)
            try:
                self._carrier.send(mail, recipient)
            except NotTakenError as error:
                self._journal.release(view.uid)
                self._wait(str(error))
            except RefusedError as error:
                self._journal.settle(view.uid, "refused")
                return Told(view.uid, "refused", str(error), recipient)
            except UnknownOutcomeError as error:
                self._journal.settle(view.uid, "sent")
                return Told(view.uid, "unknown", str(error), recipient)
            else:
                self._journal.settle(view.uid, "sent")
                return Told(view.uid, "sent", "", recipient)

    def letter(self, view: AlertView, value: bytes, now_ms: int) -> EmailMessage:
        """The mail to the finding's sender."""
        wording = self._wording
        letter = wording.template.fill(facts_of(view, list(recipients_of(value)), wording.contact))
        return mail_of(
            letter, sender=wording.from_address, recipient=view.sender or "", finding=view.uid, now_ms=now_ms
        )

    def _digest(self, view: AlertView) -> str:
        return key_digest(self._key, view.sender or "")


def recipients_of(value: bytes) -> Iterator[str]:
    """The recipients that an alert's evidences name, as the privacy settings left them."""
    for evidence in orjson.loads(value).get("evidences", []):
        email = evidence.get("email") or evidence.get("data") or {}
        yield from (*email.get("to", []), *email.get("to_mailboxes", []))
