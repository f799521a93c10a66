"""Postfix's lines of delivery agents: `to=<...>, relay=..., delay=..., dsn=..., status=sent (...)`.

`sent` alone doesn't show that a mail has left: the discard agent throws it away, local(8) may write it to /dev/null,
and a filter or a relay of one's own only takes it on its way. The text in brackets is the other server's: what it says
of a mail's end counts only where that server is one's own.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from streams.errors import UnreadableRecord
from streams.events.delivery import Delivery
from streams.events.reasons import Reason
from streams.sources.build_event import recipient_of
from streams.sources.delivery_attempt import DeliveryAttempt
from streams.sources.own_relays import OwnRelays

ADDRESS = rb'<([^"<>]*+|"(?:[^"\\]|\\.)*+"[^"<>]*+)>'
"""An address as Postfix writes it: a quoted local part is read whole, whatever is in it."""
_TO = re.compile(
    rb"to=%b, (?:orig_to=%b, )?relay=([^,]*+), (?:[a-z_]++=[^,]*+, )*?status=([\w-]++)(?: \((.*)\)|$)"
    % (ADDRESS, ADDRESS),
    re.DOTALL,
)
_STATUSES: dict[bytes, Delivery] = {
    b"sent": "delivered",
    b"bounced": "failed",
    b"expired": "failed",
    b"deferred": "deferred",
    b"SOFTBOUNCE": "deferred",
}
_PROBES = (b"deliverable", b"undeliverable")
_RELAY = re.compile(r"[^\s\[\]]*\[([^\[\]]*)\](?::\d+)?")
_NEXT_ID = re.compile(rb"(?:queued as|forwarded as) ([0-9A-Za-z]{4,25})\b")
RELAYS_CACHED = 10_000


class Bounce(NamedTuple):
    """Which server refused a recipient, as the log writes it, and what it said."""

    relay: bytes
    answer: bytes


def read_bounce(text: bytes) -> Bounce | None:
    """The bounce that a delivery line reports; None where it reports none."""
    found = _TO.match(text)
    return None if found is None or found[4] != b"bounced" else Bounce(found[3], found[5] or b"")


class Deliveries:
    """Reads delivery lines, by the organisation's own relays."""

    def __init__(self, own_relays: OwnRelays) -> None:
        self._own_relays = own_relays
        self._own_address = lru_cache(RELAYS_CACHED)(self._address_of_own)

    def read(self, program: bytes, text: bytes) -> DeliveryAttempt | None:
        """What the line says; None for the probe of an address. Raises UnreadableRecord."""
        found = _TO.match(text)
        if found is None:
            raise UnreadableRecord(Reason.BAD_VALUE, "A delivery line is cut short.")
        address, _, relay, status, answer = found.groups()
        if status.startswith(_PROBES):
            return None
        delivery = _STATUSES.get(status, "unknown")
        next_id = _NEXT_ID.search(answer) if answer and delivery == "delivered" else None
        queue_id = None if next_id is None else next_id[1].decode("ascii")
        if delivery == "delivered":
            delivery = self._end(program, relay, answer or b"", queue_id)
        return DeliveryAttempt(recipient_of(address), delivery, queue_id)

    def _end(self, program: bytes, relay: bytes, answer: bytes, queue_id: str | None) -> Delivery:
        """The status of what was sent: whether that was its end, or a step on its way."""
        if program.endswith(b"/discard"):
            return "failed"
        if relay == b"local":
            is_gone = answer.startswith((b"discarded", b"delivered to file: /dev/null"))
            return "failed" if is_gone else "unknown" if queue_id else "delivered"
        address = self._own_address(relay)
        if address is None:
            return "delivered"
        return self._own_relays.end_at(address, answer, is_store=program.endswith(b"/lmtp"))

    def _address_of_own(self, relay: bytes) -> str | None:
        """The address in `name[address]:port` where it is an own relay's."""
        found = _RELAY.fullmatch(relay.decode("latin-1"))
        return found[1] if found is not None and self._own_relays.is_own(found[1]) else None
