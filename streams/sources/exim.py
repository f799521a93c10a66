"""Exim's main log: the lines of a mail are joined by Exim's own message id.

The format is that of Exim's specification, chapter "Log files": `<=` for an arrival, `=>`, `->` and `>>` for
deliveries, `**` for a failure, `==` for a deferral, and `Completed`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from streams.errors import UnreadableRecord
from streams.events.addresses import is_address
from streams.events.delivery import Delivery
from streams.events.mail import MailEvent
from streams.events.reasons import Reason
from streams.sources.build_event import Mail, address_of, events_of, later, text_of
from streams.sources.joined_log import JoinedLog
from streams.sources.open_mails import OpenMail

_LINE = re.compile(
    rb"(?:\S+ \S+ \S+ \S+ exim\S*: )?(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?)(?: ([+-]\d{4}))? (?:\[\d+\] )?"
    rb"(?:([0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4}) )?(.*)",
    re.DOTALL,
)
_ARRIVAL = re.compile(rb"<= (<>|\S+)(.*)", re.DOTALL)
_SIZE, _MESSAGE_ID = re.compile(rb" S=(\d+)"), re.compile(rb" id=(\S+)")
_SUBJECT = re.compile(rb' T="((?:[^"\\]|\\.)*)"')
_DELIVERY = re.compile(rb"(=>|->|>>|\*\*|==|\*>) (?:(\S+?):? )?(?:<(\S*)> )?(?=[A-Z]\w*=|:|$|\S)")
_REFUSAL = re.compile(rb"(?:.* )?F=<(\S*)> (?:temporarily )?rejected RCPT <?([^\s>]+)>?")
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_STATUSES: dict[bytes, Delivery] = {
    b"=>": "delivered",
    b"->": "delivered",
    b">>": "delivered",
    b"**": "failed",
    b"==": "deferred",
}


@dataclass
class Exim(JoinedLog):
    """Reads Exim's main log. Subjects need `log_selector = +subject`; recipients come from the deliveries."""

    kind: ClassVar[str] = "exim"

    def time_ms(self, record: bytes) -> int | None:
        line = _LINE.match(record)
        return self._ms(line[1] + (line[2] or b"")) if line else None

    def read(self, record: bytes) -> Iterable[MailEvent]:
        line = _LINE.fullmatch(record)
        time_ms = self._ms(line[1] + (line[2] or b"")) if line else None
        if line is None or time_ms is None:
            raise UnreadableRecord(Reason.BAD_VALUE, "This is not a line of Exim's main log.")
        exim_id, text = line[3], line[4]
        if exim_id is None:
            return self._refused(time_ms, text)
        key = exim_id.decode("ascii")
        mail = self._mails.touch(key, ("exim", key), time_ms)
        if text[:2] == b"<=":
            _arrived(mail, text)
        elif text[:2] in _STATUSES:
            _delivered(mail, text)
        elif text == b"Completed" or text.startswith(b"Completed "):
            mail.is_done = True
        return self._quiet(time_ms)

    def _refused(self, time_ms: int, text: bytes) -> list[MailEvent]:
        refusal = _REFUSAL.match(text)
        if refusal is None:
            return []
        sender, recipient = address_of(text_of(refusal[1])), address_of(text_of(refusal[2]))
        identity = ("exim", "rejected", str(time_ms), sender)
        return list(events_of(Mail(identity, time_ms, sender, {recipient: "rejected"}), self.name))


def _arrived(mail: OpenMail, text: bytes) -> None:
    arrival = _ARRIVAL.match(text)
    if arrival is None:
        raise UnreadableRecord(Reason.BAD_VALUE, "An arrival line is cut short.")
    mail.sender = address_of(text_of(arrival[1]))
    before_subject, _, _ = arrival[2].partition(b' T="')
    if size := _SIZE.search(before_subject):
        mail.size = int(size[1])
    if message_id := _MESSAGE_ID.search(before_subject):
        mail.message_id = text_of(message_id[1])
    if subject := _SUBJECT.search(arrival[2]):
        mail.subject = text_of(_ESCAPE.sub(_unescaped, subject[1]))


def _delivered(mail: OpenMail, text: bytes) -> None:
    """Take the final address of the delivery; the original one where the final one is a local user or a file."""
    delivery = _DELIVERY.match(text)
    if delivery is None or delivery[2] is None:
        raise UnreadableRecord(Reason.BAD_VALUE, "A delivery line is cut short.")
    final, original = text_of(delivery[2]), text_of(delivery[3] or b"")
    to = address_of(final if is_address(final) else original or final)
    mail.recipients[to] = later(mail.recipients.get(to), _STATUSES[delivery[1]])


def _unescaped(escape: re.Match[bytes]) -> bytes:
    code = escape[1]
    return bytes([int(code, 8) & 0xFF]) if len(code) == 3 else code
