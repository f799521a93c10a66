"""The lines of sendmail's log about a mail: `from=` when it arrives, `to=` for each attempt, a ruleset's refusal.

The formats are those of sendmail 8.17's sources. An address in angle brackets is read whole, and a client's words (the
message id) are followed by what the server writes: so the fields behind them are read from the line's end.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from streams.events.delivery import Delivery
from streams.sources.build_event import size_of

_QUOTED = rb'"(?:[^"\\]|\\\\(?:\\\\|[^\\])|\\.)*+"'
"""A quoted local part. sendmail doubles each backslash: `"a\\"b"` is logged as `"a\\\\"b"`."""
_ADDRESS = rb'(?:<(?:[^"<>]|%b)*+>|%b@[^\s,<>"]*+|[^\s,<>"]++)' % (_QUOTED, _QUOTED)
_FROM = re.compile(rb"from=(%b), size=(\d+)(?:, class=-?\d+)?(?:, nrcpts=(\d+))?(.*)" % _ADDRESS, re.DOTALL)
_MESSAGE_ID = re.compile(rb", msgid=(<[^<>]*+>|[^\s,]++)")
_TO = re.compile(
    rb"to=(%b(?:,%b)*+),?(?: \[more\])?, ?(?:ctladdr=%b(?: \([^()]*+\))?, ?)?(?=[a-z]++=)(.*)"
    % (_ADDRESS, _ADDRESS, _ADDRESS),
    re.DOTALL,
)
_ONE = re.compile(_ADDRESS)
_FIELD = re.compile(rb"(?:^|, ?)(mailer|relay|dsn|stat)=")
_REFUSAL = re.compile(
    rb"(?:ruleset=check_rcpt, arg1=(%b), relay=([^,]*+)|Milter: to=(%b)), (?:reject=|discard)" % (_ADDRESS, _ADDRESS)
)
_ANSWER = re.compile(rb"Sent \((.*)\)\Z", re.DOTALL)
_NEXT_ID = re.compile(
    rb"\A(?:\d{3} )?(?:2\.\d\.\d )?([0-9A-Za-z]{8,25}) Message accepted\b|\bqueued as ([0-9A-Za-z]{4,25})\b"
)
_CLIENT = re.compile(r"(?:(?<!\S)(\S++) )?\[(?:IPv6:)?([^\s\[\]]++)\]( \(may be forged\))?")


class Arrival(NamedTuple):
    """What a `from=` line contains. `client` is the session's client as the log writes it, empty for a mail of this
    host; `is_authenticated` is whether it was logged in. `recipients` is the number of those accepted."""

    sender: bytes
    size: int | None
    recipients: int
    message_id: bytes
    client: str
    is_authenticated: bool


class SendmailAttempt(NamedTuple):
    """What a `to=` line contains: its recipients, and the delivery status that all of them have now. Where a server has
    taken the mail, `relay` is its address and `answer` what it said; they are empty for a delivery on this host. The
    server's queue id is None where it names none."""

    recipients: list[bytes]
    status: Delivery
    relay: str = ""
    answer: bytes = b""
    queue_id: str | None = None


class Refusal(NamedTuple):
    """A recipient that was refused, or accepted to be thrown away; `client` is empty where the line doesn't name it."""

    recipient: bytes
    client: str


def read_arrival(text: bytes) -> Arrival | None:
    """The content of a `from=` line; None where it is cut short."""
    found = _FROM.match(text)
    if found is None:
        return None
    message_id = _MESSAGE_ID.match(found[4])
    client = found[4].rpartition(b", relay=")[2].decode("latin-1") if b", relay=" in found[4] else ""
    session = found[4].rpartition(b", proto=")[2]
    is_authenticated = session.partition(b",")[0].endswith(b"A") or b", auth=" in session
    is_local = "[" not in client
    return Arrival(
        _plain(found[1]),
        size_of(found[2]),
        int((found[3] or b"0")[:9]),
        _whole_id(message_id[1]) if message_id else b"",
        "" if is_local else client,
        is_authenticated and b", proto=" in found[4],
    )


def read_attempt(text: bytes) -> SendmailAttempt | None:
    """The content of a `to=` line; None where it is cut short."""
    found = _TO.match(text)
    if found is None:
        return None
    fields = _fields(found[2])
    if b"stat" not in fields:
        return None
    recipients, status = [_plain(one) for one in _ONE.findall(found[1])], _status(fields)
    answer = _ANSWER.match(fields[b"stat"]) if status == "delivered" else None
    if answer is None:
        return SendmailAttempt(recipients, status)
    next_id = _NEXT_ID.search(answer[1])
    queue_id = None if next_id is None else (next_id[1] or next_id[2]).decode("ascii")
    return SendmailAttempt(recipients, status, _address(fields.get(b"relay", b"")), answer[1], queue_id)


def read_refusal(text: bytes) -> Refusal | None:
    """The content of a line about a refused recipient; None where it is another one."""
    found = _REFUSAL.match(text)
    if found is None:
        return None
    return Refusal(_plain(found[1] or found[3]), (found[2] or b"").decode("latin-1"))


def client_of(text: str) -> tuple[str | None, str]:
    """Name and address of a client: `c.example [192.0.2.1]`. The name is None where the address does not lead back to
    it (`may be forged`) or has none, the address empty where there is no client."""
    found = _CLIENT.search(text)
    if found is None:
        return None, ""
    return (None if found[3] else found[1]), found[2]


def _fields(text: bytes) -> dict[bytes, bytes]:
    """The first of each of the fields; `stat`, which ends the line, has what a server answered."""
    found: dict[bytes, bytes] = {}
    for name in _FIELD.finditer(text):
        rest = text[name.end() :]
        found.setdefault(name[1], rest if name[1] == b"stat" else rest.partition(b",")[0])
        if name[1] == b"stat":
            break
    return found


def _plain(address: bytes) -> bytes:
    """An address without its angle brackets, as it was before it was logged."""
    return address.strip(b"<>").replace(rb"\\", b"\\")


def _whole_id(message_id: bytes) -> bytes:
    """A message id; empty for one that is cut, since sendmail logs the first 100 bytes: other mails may share these."""
    return message_id if message_id.startswith(b"<") == message_id.endswith(b">") else b""


def _address(relay: bytes) -> str:
    """The address in `mx.example. [192.0.2.9]`; that of this host for `localhost`, empty where there is none."""
    name, address = client_of(relay.decode("latin-1"))
    return address or ("127.0.0.1" if name is None and relay.startswith(b"localhost") else "")


def _status(fields: dict[bytes, bytes]) -> Delivery:
    stat = fields[b"stat"]
    if stat.startswith(b"queued"):
        return "unknown"
    if b"mailer" not in fields and not stat.startswith((b"Sent", b"Deferred")):
        return "rejected"  # by a filter, after the recipient was accepted
    kind = fields.get(b"dsn", b"")[:1] or (b"2" if stat.startswith(b"Sent") else b"4" if b"Deferred" in stat else b"5")
    statuses: dict[bytes, Delivery] = {b"2": "delivered", b"4": "deferred", b"5": "failed"}
    return statuses.get(kind, "unknown")
