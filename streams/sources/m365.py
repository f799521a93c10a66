"""Microsoft 365 message trace: CSV of the admin center, PowerShell's CSV or JSON, Graph's responses as JSON.

Fields and statuses are those that Microsoft documents for message trace in the Exchange admin center, for
Get-MessageTraceV2 and for Graph's exchangeMessageTrace (docs/sources/m365.md has the addresses).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from streams.errors import UnreadableRecord
from streams.events.delivery import Delivery
from streams.events.mail import MailEvent
from streams.events.reasons import Reason
from streams.sources.build_event import Mail, address_of, check_time
from streams.sources.exchange_events import DIRECTIONS, EVENTS
from streams.sources.rows import Row, RowSource, addresses_in, moment_ms, number_in, text_in

_STATUSES: dict[str, Delivery] = {
    "delivered": "delivered",
    "filteredasspam": "delivered",
    "failed": "failed",
    "pending": "deferred",
    "quarantined": "held",
}
_STEPS = EVENTS | _STATUSES
_BETWEEN = "##"


@dataclass
class M365(RowSource):
    """Reads message traces. A row is about one recipient or, in the admin center's summaries, about all of a mail."""

    kind: ClassVar[str] = "m365"

    def _read_row(self, row: Row) -> Iterable[MailEvent]:
        recipients = _recipients(row)
        if not recipients:
            self.skipped["rows without a recipient or not about a delivery"] += 1
            return ()
        time = text_in(row, "origintimestamputc", "datetimeutc", "origintimestamp", "datetime", "received")
        time_ms = moment_ms(time or text_in(row, "receiveddatetime"))
        check_time(time_ms)
        sender, message_id = address_of(text_in(row, "senderaddress", "sender")), text_in(row, "messageid")
        trace = text_in(row, "networkmessageid", "messagetraceid", "id")
        mail = Mail(
            ("m365", message_id or trace, sender),
            time_ms,
            sender,
            recipients,
            message_id=message_id,
            subject=text_in(row, "messagesubject", "subject"),
            size=number_in(row, "totalbytes", "size"),
            direction=DIRECTIONS.get(text_in(row, "directionality").lower()),
        )
        return list(self._merger.add(mail))


def _recipients(row: Row) -> dict[str, Delivery]:
    listed = text_in(row, "recipientstatus")
    if _BETWEEN in listed:
        parts = (part.rpartition(_BETWEEN) for part in addresses_in(listed, ";") if _BETWEEN in part)
        return {address_of(address): _last_status(status) for address, _, status in parts}
    address = address_of(text_in(row, "recipientaddress"))
    if not address:
        if not {"recipientaddress", "recipientstatus"} & row.keys():
            raise UnreadableRecord(Reason.MISSING_FIELD, "There is no recipient field: this is not a message trace.")
        return {}
    event = text_in(row, "eventid").lower()
    if event and event not in EVENTS:
        return {}  # an intermediate step, such as the expansion of a group
    status = EVENTS[event] if event else _STATUSES.get(text_in(row, "status").lower(), "unknown")
    return {to: status for part in addresses_in(address, ";") if (to := address_of(part))}


def _last_status(statuses: str) -> Delivery:
    """The delivery status after all steps of one recipient, such as `Receive, Send`: that of the last known step."""
    steps = [_STEPS.get(step.strip().lower(), "unknown") for step in statuses.split(",")]
    return next((step for step in reversed(steps) if step != "unknown"), "unknown")
