"""Google Workspace: the CSV that Email Log Search exports, and Gmail's log events of BigQuery and the Reports API.

Fields are those that Google documents for all (docs/sources/google.md has the addresses).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from streams.errors import UnreadableRecord
from streams.events.delivery import Delivery
from streams.events.mail import Attachment, Direction, MailEvent
from streams.events.reasons import Reason
from streams.sources.build_event import Mail, address_of, check_time
from streams.sources.google_shapes import of_activity, of_rest_row
from streams.sources.rows import Row, RowSource, addresses_in, moment_ms, number_in, plain_name, text_in

_STATUSES: dict[str, Delivery] = {
    "delivered": "delivered",
    "inserted": "delivered",
    "bounced": "failed",
    "failed": "failed",
    "rejected": "rejected",
    "dropped": "rejected",
    "quarantined": "held",
    "deferred": "deferred",
}
_DIRECTIONS: dict[str, Direction] = {"sent": "outbound", "received": "inbound", "mixed": "internal"}
_DIRECTION_OF_EVENT: dict[str, Direction] = {"1": "outbound", "2": "inbound"}
_MAIL_EVENTS = ("", "0", "1", "2", "5")
"""Values of `mail_event_type` for a step of a mail: none, unknown, sent, received, quarantined. The others are about a
mail that was delivered before: opened, answered, marked."""
_QUARANTINED = "5"
_UNKNOWN_ID = "SMTPIN_ADDED_REJECT_SESSION"
_OUTGOING_SERVICES = frozenset({"smtp-outbound"})


@dataclass
class Google(RowSource):
    """Reads all exports. A CSV row is one delivery step of one recipient, a log event one step of a mail."""

    kind: ClassVar[str] = "google"

    def __post_init__(self) -> None:
        super().__post_init__()
        self._fields: list[Any] = []

    def begin_file(self, modified_ms: int) -> None:
        super().begin_file(modified_ms)
        self._fields = []

    def _read_row(self, row: Row) -> Iterable[MailEvent]:
        if isinstance(schema := row.get("schema"), dict) and "f" not in row:
            fields = schema.get("fields")
            self._fields = fields if isinstance(fields, list) else []
            return ()
        if "events" in row and "id" in row:
            return [event for one in of_activity(row) for event in self._read_event(one)]
        inner = row.get("row")
        cells = inner if isinstance(inner, dict) else row
        if "f" in cells:
            if not self._fields:
                detail = "There is no schema before this row: keep the whole response of BigQuery's API."
                raise UnreadableRecord(Reason.MISSING_FIELD, detail)
            return self._read_event(of_rest_row(cells, self._fields))
        return self._read_event(row)

    def _read_event(self, row: Row) -> Iterable[MailEvent]:
        gmail = row.get("gmail")
        nested = gmail if isinstance(gmail, dict) else row
        nested = {plain_name(name): value for name, value in nested.items()}
        mail = self._logged_mail(nested) if "messageinfo" in nested else _log_search_mail(row)
        if mail is None:
            self.skipped["rows without a recipient, or about a mail delivered before"] += 1
            return ()
        check_time(mail.time_ms)
        return list(self._merger.add(mail))

    def _logged_mail(self, row: Row) -> Mail | None:
        info, event = _record(row, "messageinfo"), _record(row, "eventinfo")
        if text_in(event, "mail_event_type") not in _MAIL_EVENTS:
            return None
        recipients = _destinations(info, event)
        stamp = text_in(event, "timestamp_usec")
        if not stamp.isdecimal():
            raise UnreadableRecord(Reason.MISSING_FIELD, "The field `event_info.timestamp_usec` is missing.")
        source = _record(info, "source")
        sender = address_of(text_in(source, "address", "from_header_address"))
        message_id = text_in(info, "rfc2822_message_id")
        if not recipients:
            return None
        return Mail(
            ("google", message_id or stamp, sender),
            int(stamp) // 1000,
            sender,
            recipients,
            message_id=message_id,
            subject=text_in(info, "subject"),
            size=number_in(info, "payload_size"),
            attachments=_attachments(info),
            direction=_DIRECTION_OF_EVENT.get(text_in(event, "mail_event_type")),
        )


def _log_search_mail(row: Row) -> Mail | None:
    if "recipientaddress" not in row:
        raise UnreadableRecord(
            Reason.MISSING_FIELD, "There is no recipient field: this is not an export of Email Log Search."
        )
    addresses = [address_of(part) for part in addresses_in(text_in(row, "recipientaddress"), ",") if "@" in part]
    if not addresses:
        return None
    sender = address_of(next(iter(addresses_in(text_in(row, "sender"), ",")), ""))
    message_id = text_in(row, "messageid")
    message_id = "" if _UNKNOWN_ID in message_id or message_id == "N/A" else message_id
    start = text_in(row, "startdate", "eventdate")
    return Mail(
        ("google", message_id or start, sender),
        moment_ms(start),
        sender,
        dict.fromkeys(addresses, _delivery(row)),
        message_id=message_id,
        subject=text_in(row, "subject"),
        size=number_in(row, "messagesize"),
        direction=_DIRECTIONS.get(text_in(row, "direction").lower()),
    )


def _delivery(row: Row) -> Delivery:
    status = plain_name(text_in(row, "eventstatus"))
    if status in _STATUSES:
        return _STATUSES[status]
    is_last_step = text_in(row, "eventtarget").upper() in ("SMTP_OUT", "GMAIL_INBOX")
    return _by_reply(text_in(row, "eventsmtpreplycode")) if is_last_step else "unknown"


def _by_reply(code: str) -> Delivery:
    """The delivery status that an SMTP reply code stands for."""
    by_first: dict[str, Delivery] = {"2": "delivered", "4": "deferred", "5": "failed"}
    return by_first.get(code[:1], "unknown")


def _destinations(info: Mapping[str, Any], event: Mapping[str, Any]) -> dict[str, Delivery]:
    listed = info.get("destination")
    found: dict[str, Delivery] = {}
    reply = text_in(_record(info, "connection_info"), "smtp_reply_code")
    for destination in listed if isinstance(listed, list) else []:
        if isinstance(destination, dict) and (to := address_of(text_in(destination, "address"))):
            found[to] = _destined(destination, event, reply)
    return found


def _destined(destination: Mapping[str, Any], event: Mapping[str, Any], reply: str) -> Delivery:
    """The delivery status at one destination. The server may have accepted some recipients of a mail and refused
    others; its reply to the mail itself counts for those that it has accepted."""
    if text_in(event, "mail_event_type") == _QUARANTINED:
        return "held"
    accepted = text_in(destination, "rcpt_response")
    reply = accepted if accepted and accepted[:1] != "2" else reply or accepted
    if reply:
        return _by_reply(reply)
    if event.get("success") not in (True, "true"):
        return "rejected"
    return "delivered" if text_in(destination, "service") in _OUTGOING_SERVICES else "unknown"


def _attachments(info: Mapping[str, Any]) -> list[Attachment]:
    listed = info.get("attachment")
    names = [a.get("file_name") for a in listed if isinstance(a, dict)] if isinstance(listed, list) else []
    return [Attachment(name=name if isinstance(name, str) else None) for name in names]


def _record(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = row.get(name)
    return found if isinstance(found, dict) else {}
