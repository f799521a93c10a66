"""Exim's main log: the lines of a mail are joined by Exim's own message id.

The format is that of Exim's specification, chapter "Log files": `<=` for an arrival, `=>`, `->` and `>>` for
deliveries, `**` for a failure, `==` for a deferral, and `Completed`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from streams.errors import UnreadableRecord
from streams.events.mail import MailEvent
from streams.events.reasons import Reason
from streams.sources.build_event import Mail, address_of, check_time, later, recipient_of, sender_of, size_of, text_of
from streams.sources.exim_delivery import QUOTED, STATUSES, is_discarded, read_delivery
from streams.sources.exim_split import SplitEntries, without_number
from streams.sources.gate_refusal import SKIPPED, is_gate_reply, is_marked
from streams.sources.headers import without_cut_word
from streams.sources.joined_log import ASIDE, UNNAMED, JoinedLog
from streams.sources.log_line import is_wrapper, log_line
from streams.sources.open_mails import OpenMail

_TIME = re.compile(
    rb"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})?(?: [+-]\d{4})?) (?!\S+ exim[^\s:]*: )(.*)", re.DOTALL
)
"""Exim's own time, which syslog's lines may have after syslog's or, with `syslog_timestamp = false`, not at all."""
_ENTRY = re.compile(rb"(?:\[\d+\] )?(?:([0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4}) )?(.*)", re.DOTALL)
_ARRIVAL = re.compile(rb"<= (<>|%b|\S+)(.*)" % QUOTED, re.DOTALL)
_SIZE, _MESSAGE_ID = re.compile(rb" S=(\d+)"), re.compile(rb" id\*?=(\S+)")
_SUBJECT = re.compile(rb' T="((?:[^"\\]|\\.)*)"')
_REFUSAL = re.compile(
    rb"(?:DS )?(?:H=([^\s()\[\]]++ )?(?:\([^\s()]*+\) )?\[([^\s\[\]]++)\](?::\d++)? |(U=\S++ ))"
    rb"(?:(?!F=)[A-Za-z]++=\S++ )*+"
    rb"F=<(%b|[^\s<>\"]*+)>( A=\S++)? (temporarily )?rejected RCPT (?:<(%b|[^\s<>\"]*+)>|([^\s<>\":]++))(?:[ :]|$)"
    % (QUOTED, QUOTED),
    re.DOTALL,
)
"""A refusal of RCPT: the client, what is logged about its connection, the sender, its login, and the recipient.

The server observes address, verified name and login of the client; helo, sender and recipient are the client's words. A
line in which one of these has blanks or brackets outside a quoted local part doesn't match: they can't add fields."""
_HOST = re.compile(rb" H=\S+ \[([^\s\[\]]++)\]")
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_CONTROLS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"v": b"\v", b"f": b"\f"}
_LINE_END = re.compile(r"[\r\n]++[ \t]*+")


@dataclass
class Exim(JoinedLog):
    """Reads Exim's main log. Subjects need `log_selector = +subject`; recipients come from the deliveries."""

    kind: ClassVar[str] = "exim"

    def __post_init__(self) -> None:
        super().__post_init__()
        self._split = SplitEntries(self.skipped)

    def finish(self) -> Iterator[MailEvent]:
        self._split.end()
        return super().finish()

    def time_ms(self, record: bytes) -> int | None:
        stamp, _, _ = _parts(record) or (None, b"", b"")
        return None if stamp is None else self._ms(stamp)

    def read(self, record: bytes) -> Iterable[MailEvent]:
        parts = _parts(record, self._split)
        time_ms = self._ms(parts[0]) if parts is not None else None
        if parts is None or time_ms is None:
            raise UnreadableRecord(Reason.BAD_VALUE, "This is not a line of Exim's main log.")
        check_time(time_ms)
        _, program, rest = parts
        if not program.startswith(b"exim"):
            self.skipped["lines of other programs"] += 1
            return ()
        entry = _ENTRY.fullmatch(rest)
        exim_id, text = (entry[1], entry[2]) if entry is not None else (None, rest)
        if exim_id is None:
            return self._without_id(time_ms, text)
        key = exim_id.decode("ascii")
        mail = self._mails.touch(key, ("exim", key), time_ms)
        if text[:2] == b"<=":
            self._handoffs.add_host("")
            _arrived(mail, text)
        elif is_marked(text) and self._is_stopped_by_gate(text):
            self.skipped[SKIPPED] += 1
            mail.is_stopped = True
        elif is_discarded(text):
            mail.recipients = dict.fromkeys(mail.listed, "failed")
        elif text[:2] in STATUSES:
            self._delivered(mail, text)
        elif text == b"Completed" or text.startswith(b"Completed "):
            mail.is_done = True
        elif b"@" in text:
            self.skipped[ASIDE] += 1
        return self._quiet(time_ms)

    def _without_id(self, time_ms: int, text: bytes) -> list[MailEvent]:
        refusal = _REFUSAL.match(text)
        if refusal is None or b"F=<" in text[refusal.end() :]:
            if b" rejected RCPT " in text and b"F=<" in text:
                self.skipped["refusals in which the client's words can't be told from the server's"] += 1
            elif b"@" in text:
                self.skipped[UNNAMED if b" rejected " in text else ASIDE] += 1
            return []
        if is_gate_reply(text[refusal.end() :]):
            self.skipped[SKIPPED] += 1
            return []
        name, address, local, from_, login, for_now, to, bare_to = refusal.groups()
        sender, recipient = sender_of(from_), recipient_of(to or bare_to or b"")
        is_own = bool(login or local) or self.own_clients.is_own(
            text_of(address or b""), text_of(name or b"").strip(), sender
        )
        mail = Mail(("exim", "rejected", str(time_ms), sender), time_ms, sender, {recipient: "rejected"})
        client = text_of(address or local or b"")
        return self._refused(mail, client, is_own=is_own, is_for_now=for_now is not None)

    def _is_stopped_by_gate(self, text: bytes) -> bool:
        """Whether another server of the organisation's refused a recipient in the gate's words."""
        host = _HOST.search(text) if text.startswith(b"**") and is_gate_reply(text) else None
        return host is not None and self.own_clients.is_own_address(host[1].decode("latin-1"))

    def _delivered(self, mail: OpenMail, text: bytes) -> None:
        to, status, queue_id = read_delivery(text, self.own_relays)
        mail.recipients[to] = later(mail.recipients.get(to), status)
        if queue_id is not None:
            self._handoffs.pass_on(mail, to, queue_id)
        self._handoffs.come_out(mail, to)
        if status == "delivered" and b" H=" not in text:
            self._handoffs.pipe(mail, to)


def _parts(record: bytes, split: SplitEntries | None = None) -> tuple[bytes, bytes, bytes] | None:
    """Time, program and text of a line: of Exim's own, or of one that came through syslog or a container.

    The text is that of the whole entry, and empty where more lines of it are to come; without `split`, the line's."""
    if own := _TIME.fullmatch(record):
        return own[1], b"exim", own[2]
    line = log_line(record)
    if line is None:
        return None
    if not (line.program.startswith(b"exim") or is_wrapper(line.program)):
        return line.stamp, line.program, line.text
    text = line.text
    if text[:1] == b"[":
        text = without_number(text) if split is None else split.join(line.host, record, text) or b""
    own = _TIME.fullmatch(text)
    return (own[1], b"exim", own[2]) if own else (line.stamp, line.program, text)


def _arrived(mail: OpenMail, text: bytes) -> None:
    arrival = _ARRIVAL.match(text)
    if arrival is None:
        raise UnreadableRecord(Reason.BAD_VALUE, "An arrival line is cut short.")
    mail.take_sender(address_of(text_of(arrival[1])))
    before_subject, _, _ = arrival[2].partition(b' T="')
    if size := _SIZE.search(before_subject):
        mail.size = size_of(size[1])
    if message_id := _MESSAGE_ID.search(before_subject):
        mail.message_id = text_of(message_id[1])
    if subject := _SUBJECT.search(arrival[2]):
        mail.subject = _subject_of(subject[1])
    _, found, listed = arrival[2].rpartition(b" for ")  # with `log_selector = +received_recipients`
    if found and b'"' not in listed:
        mail.listed = [recipient_of(address) for address in listed.split()]


def _subject_of(logged: bytes) -> str:
    """A subject. Exim decodes it, keeps the ends of its lines, and logs its beginning alone."""
    return without_cut_word(_LINE_END.sub(" ", text_of(_ESCAPE.sub(_unescaped, logged))))


def _unescaped(escape: re.Match[bytes]) -> bytes:
    code = escape[1]
    return bytes([int(code, 8) & 0xFF]) if len(code) == 3 else _CONTROLS.get(code, code)
