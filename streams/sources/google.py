"""Google Workspace: the CSV that Email Log Search exports, and Gmail's logs in BigQuery exported as JSON lines.

Fields are those that Google documents for both (docs/sources/google.md has the addresses).
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
_UNKNOWN_ID = "SMTPIN_ADDED_REJECT_SESSION"
_OUTGOING_SERVICES = frozenset({"smtp-outbound"})


@dataclass
class Google(RowSource):
    """Reads both exports. A CSV row is one delivery step of one recipient, a BigQuery row one step of a mail."""

    kind: ClassVar[str] = "google"

    def _read_row(self, row: Row) -> Iterable[MailEvent]:
        gmail = row.get("gmail")
        nested = gmail if isinstance(gmail, dict) else row
        nested = {plain_name(name): value for name, value in nested.items()}
        mail = self._bigquery_mail(nested) if "messageinfo" in nested else _log_search_mail(row)
        if mail is None:
            self.skipped["rows without a recipient"] += 1
            return ()
        check_time(mail.time_ms)
        return list(self._merger.add(mail))

    def _bigquery_mail(self, row: Row) -> Mail | None:
        info, event = _record(row, "messageinfo"), _record(row, "eventinfo")
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
            is_out = text_in(destination, "service") in _OUTGOING_SERVICES
            success = event.get("success") in (True, "true")
            out: Delivery = _by_reply(reply) if reply else "delivered"
            found[to] = "rejected" if not success and not reply else out if is_out or reply else "unknown"
    return found


def _attachments(info: Mapping[str, Any]) -> list[Attachment]:
    listed = info.get("attachment")
    names = [a.get("file_name") for a in listed if isinstance(a, dict)] if isinstance(listed, list) else []
    return [Attachment(name=name if isinstance(name, str) else None) for name in names]


def _record(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = row.get(name)
    return found if isinstance(found, dict) else {}
