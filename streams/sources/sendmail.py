"""sendmail's log, also that of Proofpoint on Demand and of FortiMail, which are built on it: the lines of a mail are
joined by host and queue id."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from streams.errors import UnreadableRecord
from streams.events.addresses import is_address
from streams.events.delivery import Delivery
from streams.events.mail import MailEvent
from streams.events.reasons import Reason
from streams.sources.build_event import SETTLED, address_of, check_time, later, recipient_of, text_of
from streams.sources.joined_log import ASIDE, JoinedLog
from streams.sources.log_line import log_line
from streams.sources.open_mails import OpenMail
from streams.sources.sendmail_lines import client_of, read_arrival, read_attempt, read_refusal

_PROGRAMS = (b"sendmail", b"sm-", b"mta")
_ENTRY = re.compile(rb"([0-9A-Za-z]{8,25}(?:-\d{1,3})?): (.*)", re.DOTALL)
_NOTICE = re.compile(rb"([0-9A-Za-z]{8,25}): (?:DSN|sender notify|postmaster notify|return to sender)")
_CLONE = re.compile(rb"clone ([0-9A-Za-z]{8,25}), owner=(\S+)")
_FORTIMAIL = re.compile(
    rb"(?:<\d{1,3}>)?(?:[^\"=]{0,200} )??"
    rb"(?:date=(\d{4}-\d\d-\d\d),? time=(\d\d:\d\d:\d\d)|(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d))\S*+ "
    rb"(?:[a-z_]++=[^\s\"]++ )*+session_id=\"([0-9A-Za-z-]{1,64})\" msg=\"(.*)\"\s*",
    re.DOTALL,
)
"""An event of FortiMail: what sendmail logs is its `msg`."""


class _Entry(NamedTuple):
    stamp: bytes
    host: str
    queue_id: str
    text: bytes


@dataclass
class Sendmail(JoinedLog):
    """Reads sendmail's lines from any syslog file and skips those of other programs."""

    kind: ClassVar[str] = "sendmail"

    def time_ms(self, record: bytes) -> int | None:
        line = log_line(record)
        return self._ms(line.stamp) if line else None

    def read(self, record: bytes) -> Iterable[MailEvent]:
        entry = self._entry(record)
        if entry is None:
            return ()
        time_ms = self._ms(entry.stamp)
        if time_ms is None:
            raise UnreadableRecord(Reason.BAD_VALUE, "The line does not begin with a time.")
        check_time(time_ms)
        self._take(entry, time_ms)
        return self._quiet(time_ms)

    def _entry(self, record: bytes) -> _Entry | None:
        """What a line says of a mail; None where it is about none, or of another program."""
        if forti := _FORTIMAIL.fullmatch(record):
            stamp = forti[3] or forti[1] + b" " + forti[2]
            return _Entry(stamp, "fortimail", forti[4].decode("ascii"), forti[5].replace(rb"\"", b'"'))
        if b'session_id="' in record:
            self.skipped["lines of FortiMail that are not about SMTP"] += 1
            return None
        line = log_line(record)
        if line is None:
            raise UnreadableRecord(Reason.BAD_VALUE, "This is not a line of a mail log.")
        if not line.program.startswith(_PROGRAMS):
            self.skipped["lines of other programs"] += 1
            return None
        entry = _ENTRY.fullmatch(line.text)
        if entry is None:
            if b"@" in line.text:
                self.skipped[ASIDE] += 1
            return None
        return _Entry(line.stamp, text_of(line.host), entry[1].decode("ascii"), entry[2])

    def _take(self, entry: _Entry, time_ms: int) -> None:
        text = entry.text
        if notice := _NOTICE.match(text):
            self._mail(entry.host, notice[1].decode("ascii"), time_ms).sender = ""
        elif clone := _CLONE.match(text):
            self._clone(entry, clone[1].decode("ascii"), address_of(text_of(clone[2])), time_ms)
        elif text.startswith(b"from="):
            self._arrived(entry, time_ms)
        elif text.startswith(b"to="):
            self._tried(entry, time_ms)
        elif refusal := read_refusal(text):
            mail = self._mail(entry.host, entry.queue_id, time_ms)
            mail.client = mail.client or refusal.client
            _set(mail, [refusal.recipient], "rejected")
        elif text == b"discarded":
            mail = self._mail(entry.host, entry.queue_id, time_ms)
            mail.recipients = {to: later(status, "rejected") for to, status in mail.recipients.items()}
        elif text.startswith(b"done;"):
            self._mail(entry.host, entry.queue_id, time_ms).is_done = True
        elif b"@" in text:
            self.skipped[ASIDE] += 1

    def _mail(self, host: str, queue_id: str, time_ms: int) -> OpenMail:
        prefix = f"{host} "
        self._handoffs.add_host(prefix)
        return self._mails.touch(prefix + queue_id, (host or self.kind, queue_id), time_ms)

    def _arrived(self, entry: _Entry, time_ms: int) -> None:
        """Take the sender. One without a domain is a user of this host: its domain is known where the host has made the
        message id, which then has the queue id in it."""
        found = read_arrival(entry.text)
        if found is None:
            raise UnreadableRecord(Reason.BAD_VALUE, "An arrival line is cut short.")
        mail = self._mail(entry.host, entry.queue_id, time_ms)
        mail.size, mail.message_id = found.size, text_of(found.message_id) or mail.message_id
        mail.client, mail.is_trusted = found.client or mail.client, found.is_authenticated or not found.client
        sender = address_of(text_of(found.sender))
        made, _, domain = text_of(found.message_id).strip("<>").rpartition("@")
        if sender and not is_address(sender) and domain and made.endswith(f".{entry.queue_id}"):
            sender = f"{sender}@{domain.lower()}"
        if not sender or is_address(sender):
            mail.take_sender(sender)
        mail.expected = found.recipients
        if found.recipients == 0:
            mail.is_done = True

    def _tried(self, entry: _Entry, time_ms: int) -> None:
        found = read_attempt(entry.text)
        if found is None:
            if entry.text.startswith((b'to="|', b"to=|", b"to=\\")):  # a program or a file of this host
                if b"@" in entry.text:
                    self.skipped[ASIDE] += 1
                return
            raise UnreadableRecord(Reason.BAD_VALUE, "A delivery line is cut short.")
        mail = self._mail(entry.host, entry.queue_id, time_ms)
        status = self.own_relays.end_at(found.relay, found.answer) if found.relay else found.status
        for to in _set(mail, found.recipients, status):
            if found.queue_id is not None:
                self._handoffs.pass_on(mail, to, found.queue_id)
        ended = sum(status in SETTLED or to in mail.passed for to, status in mail.recipients.items())
        mail.is_done |= ended == len(mail.recipients) >= mail.expected > 0

    def _clone(self, entry: _Entry, original: str, owner: str, time_ms: int) -> None:
        """A mail to a list goes on with the list's owner as its sender, under a queue id of its own."""
        mail, known = self._mail(entry.host, entry.queue_id, time_ms), self._mails.get(f"{entry.host} {original}")
        mail.is_trusted = True
        if is_address(owner):
            mail.take_sender(owner)
        if known is not None:
            mail.message_id, mail.size, mail.client = known.message_id, known.size, known.client
            mail.is_trusted = known.is_trusted
            mail.sender = known.sender if mail.sender is None else mail.sender

    def _is_own_client(self, client: str, sender: str) -> bool:
        name, address = client_of(client)
        return self.own_clients.is_own(address, name, sender)


def _set(mail: OpenMail, recipients: list[bytes], status: Delivery) -> list[str]:
    """Note the status of these recipients; returns those that are addresses."""
    found = [to for to in map(recipient_of, recipients) if is_address(to)]
    for to in found:
        mail.recipients[to] = later(mail.recipients.get(to), status)
    return found
