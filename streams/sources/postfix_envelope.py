"""The end of a line of Postfix about a mail's content or its refusal: `; from=<...> to=<...> proto=ESMTP helo=<...>`.
postscreen writes commas between the fields.

Whoever connects chooses sender, recipient and helo, and much of the text before them (a reply quotes the address, a
header check the header). So the line is read from its end, where Postfix writes a fixed structure (smtpd's
`log_whatsup`, cleanup's `cleanup_act_log`): a quoted local part is read whole, and nothing within it is a field.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from streams.errors import UnreadableRecord
from streams.events.reasons import Reason

_FROM, _TO, _PROTO = b"; from=<", b" to=<", b" proto="
_OF_POSTSCREEN = re.compile(rb", proto=[A-Z]{1,16}(?:, helo=<[^<>]*+>)?")
_ENDING = re.compile(rb" proto=[A-Z]{1,16}(?: helo=<[^<>\s]*+>)?(?: sasl_username=<([^<>]*+)>)?(?:: .*)?", re.DOTALL)
_START = re.compile(rb"(?:milter-|proxy-)?(reject|discard|hold|info|warning): (\S++) ")
_SESSION = re.compile(rb"from ([^\s\[\]]*+\[[^\s\[\]]*+\])(?::\d{1,5})?: ")
_CLIENT = re.compile(r"([^\s\[\]]*+)\[([^\s\[\]]*+)\](?::\d{1,5})?")


class Envelope(NamedTuple):
    """What such a line contains. `stage` is a command of SMTP or the part of the content that a check matched, `before`
    the text between them and the envelope. `recipient` is empty before RCPT. `is_authenticated` is whether the client
    was logged in, as far as the line shows it."""

    action: bytes
    stage: bytes
    before: bytes
    sender: bytes
    recipient: bytes
    is_authenticated: bool

    @property
    def client(self) -> str:
        """The client as Postfix writes it, `name[address]`; empty for a mail of this host.

        A refused command names its client first, a check of the content last: the header or the reply is between."""
        if self.stage.isupper():
            session = _SESSION.match(self.before)
            return session[1].decode("latin-1") if session else ""
        client = self.before.rpartition(b" from ")[2].decode("latin-1")
        return client if _CLIENT.fullmatch(client) else ""


def read_envelope(text: bytes) -> Envelope | None:
    """The envelope at the end of `text`, which begins with the action; None where it has no sender, as before MAIL.

    Raises UnreadableRecord where the fields can't be told from what a client wrote.
    """
    start = _START.match(text)
    if start is None or _FROM not in text:
        return None
    ending = _OF_POSTSCREEN.fullmatch(text, max(0, text.rfind(b"," + _PROTO)))
    if ending is not None:
        return _envelope(text, start, ending.start(), b"," + _TO, is_authenticated=False)
    ending = _ENDING.fullmatch(text, max(0, text.rfind(_PROTO)))
    ending_at = text.rfind(b">") + 1 if ending is None else ending.start()  # a mail of this host came by no protocol
    if ending is None and text[ending_at : ending_at + 2] not in (b"", b": "):
        raise _ambiguous()
    return _envelope(text, start, ending_at, _TO, is_authenticated=ending is not None and bool(ending[1]))


def _envelope(text: bytes, start: re.Match[bytes], end: int, to: bytes, *, is_authenticated: bool) -> Envelope:
    recipient, sender_end = _address_before(text, end, to)
    sender, before_end = _address_before(text, sender_end, _FROM)
    if sender is None:
        raise _ambiguous()
    before = text[start.end() : before_end]
    return Envelope(start[1], start[2], before, sender, recipient or b"", is_authenticated)


def client_of(text: str) -> tuple[str | None, str]:
    """Name and address in `name[address]`. The name is None where Postfix could not verify it (`unknown`), the address
    empty where there is no client."""
    found = _CLIENT.match(text)
    name = found[1] if found is not None else ""
    return (name if name not in ("", "unknown") else None), found[2] if found is not None else ""


def _address_before(text: bytes, end: int, name: bytes) -> tuple[bytes | None, int]:
    """The address in `name` and an angle bracket that ends at `end`, and where `name` begins; None where there is none,
    or where it may be part of another field. The opening quote is the nearest one after `name`: within a quoted local
    part, quotes have a backslash before them."""
    if end < 1 or text[end - 1 : end] != b">":
        return None, end
    quote = text.rfind(b'"', 0, end)
    is_quoted = text[quote : quote + 2] == b'"@' and not _has_mark(text[quote + 1 : end - 1])
    at = text.rfind(name + b'"', 0, quote) if is_quoted else text.rfind(name, 0, end)
    address = text[at + len(name) : end - 1]
    if at < 0 or (not is_quoted and _has_mark(address)):
        return None, end
    return address, at


def _has_mark(text: bytes) -> bool:
    return b"<" in text or b">" in text or b'"' in text


def _ambiguous() -> UnreadableRecord:
    return UnreadableRecord(
        Reason.BAD_VALUE, "The line's sender and recipient can't be told from what the client wrote."
    )
