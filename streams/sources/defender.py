"""Microsoft Defender's EmailEvents: as Event Hubs delivers them, and as advanced hunting and Log Analytics export them.

Fields and values are those that Microsoft documents (docs/sources/defender.md has the addresses).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from streams.errors import UnreadableRecord
from streams.events.delivery import Delivery
from streams.events.mail import Direction, MailEvent
from streams.events.reasons import Reason
from streams.sources.build_event import Mail, address_of, check_time
from streams.sources.rows import Row, RowSource, addresses_in, moment_ms, number_in, plain_name, text_in

_ACTIONS: dict[str, Delivery] = {
    "delivered": "delivered",
    "deliveredasspam": "delivered",
    "junked": "delivered",
    "replaced": "delivered",
    "blocked": "rejected",
}
_LOCATIONS: dict[str, Delivery] = {
    "quarantine": "held",
    "failed": "failed",
    "dropped": "rejected",
}
"""Where a mail went, which tells more than what was done with it: a blocked one may be in quarantine."""
_DIRECTIONS: dict[str, Direction] = {"inbound": "inbound", "outbound": "outbound", "intraorg": "internal"}
_TABLE = "emailevents"


@dataclass
class Defender(RowSource):
    """Reads one mail to one recipient a row; the rows of a mail are joined by its message id."""

    kind: ClassVar[str] = "defender"

    def _read_row(self, row: Row) -> Iterable[MailEvent]:
        table = plain_name(text_in(row, "category", "type"))
        if table and not table.endswith(_TABLE):
            self.skipped["records of other tables"] += 1
            return ()
        properties = row.get("properties")
        if isinstance(properties, dict):
            row = {plain_name(name): value for name, value in properties.items()}
        if "recipientemailaddress" not in row:
            raise UnreadableRecord(
                Reason.MISSING_FIELD, "There is no RecipientEmailAddress: this is no row of EmailEvents."
            )
        recipients = [address_of(part) for part in addresses_in(text_in(row, "recipientemailaddress"), ";")]
        if not recipients:
            self.skipped["rows without a recipient"] += 1
            return ()
        time_ms = moment_ms(text_in(row, "timestamp", "timestamputc", "timegenerated", "timegeneratedutc"))
        check_time(time_ms)
        sender = address_of(text_in(row, "sendermailfromaddress", "senderfromaddress"))
        message_id = text_in(row, "internetmessageid")
        mail = Mail(
            ("defender", message_id or text_in(row, "networkmessageid"), sender),
            time_ms,
            sender,
            dict.fromkeys(recipients, _status(row)),
            message_id=message_id,
            subject=text_in(row, "subject"),
            size=number_in(row, "emailsize"),
            direction=_DIRECTIONS.get(plain_name(text_in(row, "emaildirection"))),
        )
        return list(self._merger.add(mail))


def _status(row: Row) -> Delivery:
    location = plain_name(text_in(row, "deliverylocation"))
    return _LOCATIONS.get(location) or _ACTIONS.get(plain_name(text_in(row, "deliveryaction")), "unknown")
