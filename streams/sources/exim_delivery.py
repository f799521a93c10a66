"""Exim's lines about a recipient: `=> bob@army.ml <team@mod.example> R=dnslookup T=smtp H=mx [192.0.2.9] C="250 ok"`.

The first address is where the mail went, the one in angle brackets where it was sent to. Instead of the first there may
be a local user, a file, a pipe, an autoreply (`>al@army.ml`, another mail), or a place where mail is thrown away.
"""

from __future__ import annotations

import re

from streams.errors import UnreadableRecord
from streams.events.addresses import is_address
from streams.events.delivery import Delivery
from streams.events.reasons import Reason
from streams.sources.build_event import recipient_of
from streams.sources.delivery_attempt import DeliveryAttempt
from streams.sources.own_relays import OwnRelays

QUOTED = rb'"(?:[^"\\]|\\.)*+"@[^\s<>"]*+'
"""An address with a quoted local part: it is read whole, whatever is in it."""
_DELIVERY = re.compile(
    rb"(=>|->|>>|\*\*|==|\*>) (?:(%b|\S+?):? )?(?:<(%b|\S*)> )?(?=[A-Z]\w*=|:|$|\S)" % (QUOTED, QUOTED), re.DOTALL
)
_QUOTED_ORIGINAL = re.compile(rb" <(%b)>(?: |$)" % QUOTED, re.DOTALL)
_ORIGINAL = re.compile(rb" <([^\s<>]++)>(?= [A-Z]\w*=|$)")
_SERVER = re.compile(rb" H=\S++ \[([^\s\[\]]++)\]")
_NEXT_ID = re.compile(rb"(?:queued as |\bid=)([0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4}|[0-9A-Za-z]{4,25})\b")
_GONE = (b":blackhole", b"/dev/null")
STATUSES: dict[bytes, Delivery] = {
    b"=>": "delivered",
    b"->": "delivered",
    b">>": "delivered",
    b"**": "failed",
    b"==": "deferred",
}
"""Delivery statuses by the mark at the beginning of a line."""


def is_discarded(text: bytes) -> bool:
    """Whether an ACL or the system filter has thrown the whole mail away: the line names no recipient."""
    return text.startswith((b"=> blackhole (", b"=> discarded ("))


def read_delivery(text: bytes, own_relays: OwnRelays) -> DeliveryAttempt:
    """What the line says. Raises UnreadableRecord where it is cut short."""
    delivery = _DELIVERY.match(text)
    if delivery is None or delivery[2] is None:
        raise UnreadableRecord(Reason.BAD_VALUE, "A delivery line is cut short.")
    before, _, answer = text.partition(b' C="')
    final, original = delivery[2], _original(before, delivery[3] or b"")
    status, next_id = STATUSES[delivery[1]], None
    if status == "delivered" and final in _GONE:
        status = "failed"
    elif status == "delivered" and (server := _SERVER.search(before)):
        next_id = _NEXT_ID.search(answer)
        status = own_relays.end_at(server[1].decode("latin-1"), answer.removesuffix(b'"'))
    return DeliveryAttempt(_recipient(final, original), status, None if next_id is None else next_id[1].decode("ascii"))


def _recipient(final: bytes, original: bytes) -> str:
    """The final address; the original one where a quoted local part stands unquoted in the final one, or where that is
    a local user, a file, a pipe or an autoreply."""
    if original and (original.startswith(b'"') or final[:1] in b"/|>:" or not is_address(final.decode("latin-1"))):
        return recipient_of(original)
    return recipient_of(final)


def _original(before: bytes, plain: bytes) -> bytes:
    """The original address. Exim writes the local part of a local delivery, and the command of a pipe, as they are,
    without quotes: what comes before that address may look like anything."""
    if found := _QUOTED_ORIGINAL.match(before, max(0, before.rfind(b' <"'))):
        return found[1]
    if plain or b" <" not in before:
        return plain
    found = _ORIGINAL.match(before, before.rfind(b" <"))
    return found[1] if found else b""
