"""Postfix's log: the lines of a mail are joined by host and queue id; each change of its state becomes an event.

The formats are those of Postfix 3.7's sources as its programs write them: smtpd and pickup (`client=`, `uid=`),
cleanup (`message-id=`, header checks), qmgr (`from=`, `removed`), and the delivery agents (`to=`). MailScanner, which
moves mails from queue to queue, logs their new ids (`Requeue:`).
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from streams.errors import UnreadableRecord
from streams.events.delivery import Delivery
from streams.events.mail import EARLIEST_MS, LATEST_MS, MailEvent
from streams.events.reasons import Reason
from streams.sources.build_event import Mail, address_of, check_time, later, recipient_of, sender_of, size_of, text_of
from streams.sources.gate_refusal import SKIPPED, is_gate_refusal, is_gate_reply, is_marked
from streams.sources.headers import LABEL_HEADERS, decoded, without_cut_word
from streams.sources.joined_log import ASIDE, UNNAMED, JoinedLog
from streams.sources.log_line import log_line
from streams.sources.open_mails import OpenMail
from streams.sources.postfix_delivery import ADDRESS, Deliveries, read_bounce
from streams.sources.postfix_envelope import client_of, read_envelope

_ENTRY = re.compile(rb"(?!warning|error|fatal|panic)([0-9A-Za-z]{5,25}): (.*)", re.DOTALL)
_FROM = re.compile(rb"from=%b, (?:size=(\d+), nrcpt=\d|status=([\w-]+))" % ADDRESS, re.DOTALL)
_NO_QUEUE = b"NOQUEUE"
_MESSAGE_ID = re.compile(rb"message-id=(.*)", re.DOTALL)
_HEADER = re.compile(rb"([!-9;-~]++):(?: |\?[ ?])[ ?]*+")
"""The name of a header field: a line end in its value, as behind the name, is logged as `?`, and so is a tab."""
_FOLDED = re.compile(rb"(?<=\?=)\?[ ?]++(?==\?)")
HEADER_LOGGED = 200
"""How many bytes of a header field are logged."""
_REFUSALS = (b"reject", b"discard")
_OF_ONE_RECIPIENT = (b"RCPT", b"VRFY")
"""At these stages a mail may go on without the refused recipient."""
_FORWARDED_CLIENT = re.compile(rb" orig_client=([^,]*+)$")
_FORWARDED_ID = re.compile(rb", orig_queue_id=([0-9A-Za-z]{5,25})(?:, orig_client=|$)")
_ORIGIN = re.compile(rb" orig_id=([0-9A-Za-z]{5,25})$")
_REQUEUE = re.compile(rb"Requeue: ([0-9A-Za-z]{5,25})\.[0-9A-F]+ to ([0-9A-Za-z]{5,25})")
_PROCESS = re.compile(rb"\[(\d+)\]: ")
_FOR_NOW = re.compile(rb"(?:from [^\s\[\]]*+\[[^\s\[\]]*+\](?::\d{1,5})?: )?4\d\d ")
SESSIONS_KEPT = 1_000
_PROBES = "probes of addresses, with which no mail is sent"


@dataclass
class Postfix(JoinedLog):
    """Reads Postfix's lines from any syslog file and skips those of other programs."""

    kind: ClassVar[str] = "postfix"

    def __post_init__(self) -> None:
        super().__post_init__()
        self._deliveries = Deliveries(self.own_relays)
        self._proxied: OrderedDict[tuple[bytes, bytes], bytes] = OrderedDict()

    def time_ms(self, record: bytes) -> int | None:
        line = log_line(record)
        return self._ms(line.stamp) if line else None

    def read(self, record: bytes) -> Iterable[MailEvent]:
        line = log_line(record)
        if line is None:
            raise UnreadableRecord(Reason.BAD_VALUE, "This is not a line of a mail log.")
        stamp, host, program, text = line
        if b"/" not in program:
            return self._other(program, host, stamp, text)
        entry = _ENTRY.fullmatch(text)
        queue_id, text = (_NO_QUEUE, text) if entry is None else entry.groups()
        handler = _HANDLERS.get(text[:3])
        if (handler is None and text[:3] != b"to=") or (entry is None and handler is not _refusal):
            if b"@" in text:
                self.skipped[ASIDE] += 1
            return ()  # about a connection or the daemons themselves, not about a mail
        time_ms = self._ms(stamp)
        if time_ms is None:
            raise UnreadableRecord(Reason.BAD_VALUE, "The line does not begin with a time.")
        if not EARLIEST_MS <= time_ms < LATEST_MS:
            check_time(time_ms)
        if queue_id == _NO_QUEUE:
            return self._without_queue_id(record, host, time_ms, text)
        return self._joined(handler, program, text_of(host), queue_id.decode("ascii"), time_ms, text)

    def _joined(
        self, handler: Handler | None, program: bytes, host: str, queue_id: str, time_ms: int, text: bytes
    ) -> Iterable[MailEvent]:
        prefix = host + " "
        key = prefix + queue_id
        if handler is _begin:
            before = self._mails.get(key)
            if before is not None and (before.has_begun or before.is_done):
                return self._reused(key, handler, program, host, queue_id, time_ms, text)
            self._handoffs.add_host(prefix)
        mail = self._mails.touch(key, (host, queue_id, str(time_ms // 1000)), time_ms)
        if is_marked(text) and self._is_stopped_by_gate(mail, text):
            self.skipped[SKIPPED] += 1
        elif handler is None:
            self._deliver(mail, program, text)
        else:
            handler(mail, text)
        if handler is _begin and b" orig_" in text:
            self._go_on(mail, prefix, queue_id, time_ms, text)
        return self._quiet(time_ms)

    def _reused(self, key: str, *line: Any) -> Iterator[MailEvent]:
        """Postfix has reused the queue id: what is known of the mail before is all."""
        before = self._mails.pop(key)
        yield from self._emit([before] if before else [], at_end=True)
        yield from self._joined(*line)

    def _deliver(self, mail: OpenMail, program: bytes, text: bytes) -> None:
        attempt = self._deliveries.read(program, text)
        if attempt is None:
            if not mail.is_counted:
                self.skipped[_PROBES] += 1
                mail.is_counted = True
            return
        to, status, queue_id = attempt
        mail.recipients[to] = later(mail.recipients.get(to), status)
        if queue_id is not None:
            self._handoffs.pass_on(mail, to, queue_id)
        self._handoffs.come_out(mail, to)
        if status == "delivered" and program.endswith(b"/pipe"):
            self._handoffs.pipe(mail, to)

    def _go_on(self, mail: OpenMail, prefix: str, queue_id: str, time_ms: int, text: bytes) -> None:
        """A filter hands a mail back and forwards its queue id (XFORWARD), or postsuper has had it queued again."""
        if requeued := _ORIGIN.search(text):
            self._mails.rename(prefix + requeued[1].decode("ascii"), prefix + queue_id, time_ms)
        elif origin := _FORWARDED_ID.search(text):
            self._handoffs.come_back(mail, origin[1].decode("ascii"))

    def _other(self, program: bytes, host: bytes, stamp: bytes, text: bytes) -> Iterable[MailEvent]:
        requeue = _REQUEUE.match(text) if program == b"MailScanner" else None
        time_ms = self._ms(stamp) if requeue is not None else None
        if requeue is None or time_ms is None:
            self.skipped["lines of other programs"] += 1
            return ()
        old, new = (f"{text_of(host)} {queue_id.decode('ascii')}" for queue_id in requeue.groups())
        self._mails.rename(old, new, time_ms)
        return self._quiet(time_ms)

    def _without_queue_id(self, record: bytes, host: bytes, time_ms: int, text: bytes) -> list[MailEvent]:
        """A mail refused before it got a queue id; its header was never read, so it has no message id. Before a proxy
        filter smtpd logs the client on a line of its own."""
        process = _PROCESS.search(record)
        session = (host, b"" if process is None else process[1])
        if text.startswith(b"client=") and process is not None:
            self._proxied[session] = text
            if len(self._proxied) > SESSIONS_KEPT:
                self._proxied.popitem(last=False)
            return []
        found = read_envelope(text)
        if found is None or not found.recipient:
            if b"@" in text:
                self.skipped[UNNAMED if text.partition(b":")[0].endswith(b"reject") else ASIDE] += 1
            return []
        if found.action not in _REFUSALS:
            return []
        if is_gate_refusal(found.before):
            self.skipped[SKIPPED] += 1
            return []
        sender, recipient = sender_of(found.sender), recipient_of(found.recipient)
        opened = OpenMail(("", ""), time_ms, time_ms, client=found.client, is_trusted=found.is_authenticated)
        if session in self._proxied and not found.client:
            _begin(opened, self._proxied[session])
        is_own = opened.is_trusted or self._is_own_client(opened.client, sender)
        mail = Mail((text_of(host), "NOQUEUE", str(time_ms), sender), time_ms, sender, {recipient: "rejected"})
        is_for_now = _FOR_NOW.match(found.before) is not None
        return self._refused(mail, opened.client, is_own=is_own, is_for_now=is_for_now)

    def _is_stopped_by_gate(self, mail: OpenMail, text: bytes) -> bool:
        """Whether the line is about a refusal by the gate, here or at another server of the organisation's."""
        if bounce := read_bounce(text):
            server = client_of(bounce.relay.decode("latin-1"))[1]
            is_stopped = is_gate_reply(bounce.answer) and self.own_clients.is_own_address(server)
            mail.is_stopped |= is_stopped
            return is_stopped
        found = read_envelope(text)
        if found is None or found.action not in _REFUSALS or not is_gate_refusal(found.before):
            return False
        mail.is_stopped = True
        mail.is_done |= found.stage not in _OF_ONE_RECIPIENT
        return True

    def _is_own_client(self, client: str, sender: str) -> bool:
        name, address = client_of(client)
        return self.own_clients.is_own(address, name, sender)


Handler = Callable[[OpenMail, bytes], None]


def _begin(mail: OpenMail, text: bytes) -> None:
    if text.startswith(b"client="):
        client, _, rest = text[7:].partition(b",")
        forwarded = _FORWARDED_CLIENT.search(rest) if b" orig_client=" in rest else None
        mail.client = (forwarded[1] if forwarded else client).decode("latin-1")
        mail.is_trusted |= rest.startswith(b" sasl_method=")
        mail.has_begun = True
    elif text.startswith(b"uid="):
        mail.has_begun = mail.is_trusted = True


def _sender(mail: OpenMail, text: bytes) -> None:
    found = _FROM.match(text)
    if found is None:
        return
    mail.take_sender(address_of(text_of(found[1])))
    if found[2]:
        mail.size = size_of(found[2])
    elif found[3].endswith(b"expired"):
        failed = {to: later(status, "failed") if status != "delivered" else status for to, status in _open(mail)}
        mail.recipients = mail.recipients | failed


def _open(mail: OpenMail) -> list[tuple[str, Delivery]]:
    return [(to, status) for to, status in mail.recipients.items() if status in ("deferred", "held", "unknown")]


def _message_id(mail: OpenMail, text: bytes) -> None:
    found = _MESSAGE_ID.match(text)
    if found is not None and (mail.message_id is None or not mail.has_message_id):
        mail.message_id = text_of(found[1])


def _done(mail: OpenMail, text: bytes) -> None:
    mail.is_done |= text == b"removed"


def _refusal(mail: OpenMail, text: bytes) -> None:
    """At RCPT one recipient is refused and the mail may continue; at any later stage the whole mail is refused."""
    found = read_envelope(text)
    if found is None or found.action not in (*_REFUSALS, b"hold"):
        return
    mail.take_sender(address_of(text_of(found.sender)))
    mail.is_trusted |= found.is_authenticated
    mail.client = mail.client or found.client
    if found.recipient:
        to = recipient_of(found.recipient)
        mail.recipients[to] = later(mail.recipients.get(to), "held" if found.action == b"hold" else "rejected")
    mail.is_done |= found.action != b"hold" and found.stage not in _OF_ONE_RECIPIENT


def _header(mail: OpenMail, text: bytes) -> None:
    """Take the subject, and labels such as a protective marking, from what header checks (INFO or WARN) log."""
    found = read_envelope(text)
    header = _HEADER.match(found.before) if found is not None and found.stage == b"header" else None
    if found is None or header is None:
        return
    field, separator, _ = found.before.rpartition(b" from ")
    if not separator:
        return
    name, value = header[1].decode("ascii").lower(), _value(field, header.end())
    if name == "subject":
        mail.subject = value
    elif (name.startswith("x-") or name in LABEL_HEADERS) and value not in mail.labels:
        mail.labels = [*mail.labels, value]


def _value(field: bytes, start: int) -> str:
    """The value of a header field as it is logged: encoded words on several lines are one text, a cut one is none."""
    value = text_of(_FOLDED.sub(b" ", field[start:]))
    return decoded(without_cut_word(value) if len(field) >= HEADER_LOGGED else value)


_HANDLERS: dict[bytes, Handler] = {
    b"cli": _begin,
    b"uid": _begin,
    b"fro": _sender,
    b"mes": _message_id,
    b"rem": _done,
    b"rej": _refusal,
    b"dis": _refusal,
    b"hol": _refusal,
    b"mil": _refusal,
    b"pro": _refusal,
    b"inf": _header,
    b"war": _header,
}
"""Handlers by the first three letters after the queue id; each checks that the line really is of its kind."""
