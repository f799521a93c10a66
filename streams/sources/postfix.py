"""Postfix's log: the lines of a mail are joined by host and queue id; each change of its state becomes an event.

The formats are those of Postfix 3.7's sources as its programs write them: smtpd and pickup (`client=`, `uid=`),
cleanup (`message-id=`, header checks), qmgr (`from=`, `removed`), and the delivery agents (`to=`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar

from streams.errors import UnreadableRecord
from streams.events.delivery import Delivery
from streams.events.mail import Direction, MailEvent
from streams.events.reasons import Reason
from streams.sources.build_event import Mail, address_of, events_of, later, text_of
from streams.sources.headers import LABEL_HEADERS, decoded
from streams.sources.joined_log import JoinedLog
from streams.sources.log_line import log_line
from streams.sources.open_mails import OpenMail
from streams.sources.postfix_envelope import client_of, read_envelope

_ENTRY = re.compile(rb"(?!warning|error|fatal|panic)([0-9A-Za-z]{5,25}): (.*)", re.DOTALL)
_ADDRESS = rb'<([^"<>]*+|"(?:[^"\\]|\\.)*+"[^"<>]*+)>'
"""An address as Postfix writes it: a quoted local part is read whole, whatever is in it."""
_TO = re.compile(
    rb"to=%b, (?:orig_to=%b, )?relay=([^,]*+), (?:[a-z_]++=[^,]*+, )*?status=(\w++)(?: \((.*)\)|$)"
    % (_ADDRESS, _ADDRESS),
    re.DOTALL,
)
_FROM = re.compile(rb"from=%b, (?:size=(\d+), nrcpt=\d|status=([\w-]+))" % _ADDRESS, re.DOTALL)
_MESSAGE_ID = re.compile(rb"message-id=(.*)", re.DOTALL)
_HEADER = re.compile(rb"([!-9;-~]++): ")
_STATUSES: dict[bytes, Delivery] = {
    b"sent": "delivered",
    b"bounced": "failed",
    b"expired": "failed",
    b"deferred": "deferred",
    b"SOFTBOUNCE": "deferred",
}
_REFUSALS = (b"reject", b"discard")
_PROBES = frozenset({b"deliverable", b"undeliverable"})
_FILTERS = (b"127.0.0.1[", b"localhost[", b"::1[", b"[127.0.0.1]", b"[::1]")


@dataclass
class Postfix(JoinedLog):
    """Reads Postfix's lines from any syslog file and skips those of other programs."""

    kind: ClassVar[str] = "postfix"

    def time_ms(self, record: bytes) -> int | None:
        line = log_line(record)
        return self._ms(line.stamp) if line else None

    def read(self, record: bytes) -> Iterable[MailEvent]:
        line = log_line(record)
        if line is None:
            raise UnreadableRecord(Reason.BAD_VALUE, "This is not a line of a mail log.")
        stamp, host, program, text = line
        if b"/" not in program:
            self.skipped["lines of other programs"] += 1
            return ()
        entry = _ENTRY.fullmatch(text)
        handler = _HANDLERS.get(entry[2][:3]) if entry is not None else None
        if entry is None or handler is None:
            return ()  # about a connection or the daemons themselves, not about a mail
        queue_id, text = entry.groups()
        time_ms = self._ms(stamp)
        if time_ms is None:
            raise UnreadableRecord(Reason.BAD_VALUE, "The line does not begin with a time.")
        if queue_id == b"NOQUEUE":
            return self._refused(text_of(host), time_ms, text)
        return self._joined(handler, text_of(host), queue_id.decode("ascii"), time_ms, text)

    def _joined(self, handler: Handler, host: str, queue_id: str, time_ms: int, text: bytes) -> list[MailEvent]:
        key = f"{host} {queue_id}"
        before = self._mails.get(key) if handler is _begin else None
        events: list[MailEvent] = []
        if before is not None and (before.has_begun or before.is_done):  # Postfix has reused the queue id
            self._mails.pop(key)
            events += self._emit([before])
        identity = (host, queue_id, str(time_ms // 1000)) if before is None or events else before.identity
        handler(self._mails.touch(key, identity, time_ms), text)
        return events + self._quiet(time_ms)

    def _refused(self, host: str, time_ms: int, text: bytes) -> list[MailEvent]:
        """The event of a mail refused before it got a queue id; its header was never read, so it has no message id.

        Anybody may be refused a mail under any name: it is the organisation's own only where its client is."""
        found = read_envelope(text)
        if found is None or found.action not in _REFUSALS or not found.recipient:
            return []
        sender, recipient = address_of(text_of(found.sender)), address_of(text_of(found.recipient))
        identity = (host, "NOQUEUE", str(time_ms), sender)
        is_own = found.is_authenticated or self._is_own_client(found.client, sender)
        direction: Direction | None = None if is_own else "inbound"
        mail = Mail(identity, time_ms, sender, {recipient: "rejected"}, direction=direction)
        return list(events_of(mail, self.name))

    def _is_own_client(self, client: str, sender: str) -> bool:
        name, address = client_of(client)
        return self.own_clients.is_own(address, name, sender)


Handler = Callable[[OpenMail, bytes], None]


def _begin(mail: OpenMail, text: bytes) -> None:
    if text.startswith(b"client="):
        client, _, login = text[7:].partition(b",")
        mail.client = client.decode("latin-1")
        mail.is_trusted |= login.startswith(b" sasl_method=")
        mail.has_begun = True
    elif text.startswith(b"uid="):
        mail.has_begun = mail.is_trusted = True


def _sender(mail: OpenMail, text: bytes) -> None:
    found = _FROM.match(text)
    if found is None:
        return
    mail.sender = address_of(text_of(found[1]))
    if found[2]:
        mail.size = int(found[2])
    elif found[3].endswith(b"expired"):
        failed = {to: later(status, "failed") if status != "delivered" else status for to, status in _open(mail)}
        mail.recipients = mail.recipients | failed


def _open(mail: OpenMail) -> list[tuple[str, Delivery]]:
    return [(to, status) for to, status in mail.recipients.items() if status in ("deferred", "held", "unknown")]


def _recipient(mail: OpenMail, text: bytes) -> None:
    found = _TO.match(text)
    if found is None:
        raise UnreadableRecord(Reason.BAD_VALUE, "A delivery line is cut short.")
    address, _, relay, status, answer = found.groups()
    if status in _PROBES:
        return  # an address probe, no mail was sent
    delivery = _STATUSES.get(status, "unknown")
    if delivery == "delivered" and relay.startswith(_FILTERS) and b"queued as" in (answer or b""):
        delivery = "unknown"  # passed to a content filter on this host, which returns it under a new queue id
    to = address_of(text_of(address))
    mail.recipients[to] = later(mail.recipients.get(to), delivery)


def _message_id(mail: OpenMail, text: bytes) -> None:
    found = _MESSAGE_ID.match(text)
    if found is not None and mail.message_id is None:
        mail.message_id = text_of(found[1])


def _done(mail: OpenMail, text: bytes) -> None:
    mail.is_done |= text == b"removed"


def _refusal(mail: OpenMail, text: bytes) -> None:
    """At RCPT one recipient is refused and the mail may continue; at any later stage the whole mail is refused."""
    found = read_envelope(text)
    if found is None or found.action not in (*_REFUSALS, b"hold"):
        return
    mail.sender = address_of(text_of(found.sender))
    mail.is_trusted |= found.is_authenticated
    mail.client = mail.client or found.client
    if found.recipient:
        to = address_of(text_of(found.recipient))
        mail.recipients[to] = later(mail.recipients.get(to), "held" if found.action == b"hold" else "rejected")
    mail.is_done |= found.action != b"hold" and found.stage not in (b"RCPT", b"VRFY")


def _header(mail: OpenMail, text: bytes) -> None:
    """Take the subject, and labels such as a protective marking, from what header checks (INFO or WARN) log."""
    found = read_envelope(text)
    header = _HEADER.match(found.before) if found is not None and found.stage == b"header" else None
    if found is None or header is None:
        return
    value_bytes, separator, _ = found.before[header.end() :].rpartition(b" from ")
    name, value = header[1].decode("ascii").lower(), decoded(text_of(value_bytes))
    if not separator:
        return
    if name == "subject":
        mail.subject = value
    elif (name.startswith("x-") or name in LABEL_HEADERS) and value not in mail.labels:
        mail.labels = [*mail.labels, value]


_HANDLERS: dict[bytes, Handler] = {
    b"cli": _begin,
    b"uid": _begin,
    b"fro": _sender,
    b"to=": _recipient,
    b"mes": _message_id,
    b"rem": _done,
    b"rej": _refusal,
    b"dis": _refusal,
    b"hol": _refusal,
    b"mil": _refusal,
    b"inf": _header,
    b"war": _header,
}
"""Handlers by the first three letters after the queue id; each checks that the line really is of its kind."""
