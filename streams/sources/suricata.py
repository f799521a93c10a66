"""Suricata's EVE log, records of type smtp. Fields follow its documentation, "EVE JSON format: SMTP"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from streams.errors import UnreadableRecord
from streams.events.mail import Attachment, MailEvent
from streams.events.reasons import Reason
from streams.sources.build_event import Mail, address_of, events_of
from streams.sources.headers import decoded
from streams.sources.rows import json_object, moment_ms, text_in
from streams.sources.source import Source


@dataclass
class Suricata(Source):
    """Reads one SMTP transaction a record; it doesn't contain whether the mail was delivered."""

    kind: ClassVar[str] = "suricata"
    record_bytes: ClassVar[int] = 256 * 1024

    def read(self, record: bytes) -> Iterable[MailEvent]:
        row = json_object(record)
        if row.get("event_type") != "smtp":
            self.skipped["records of other types"] += 1
            return ()
        smtp, email = _record(row, "smtp"), _record(row, "email")
        recipients = smtp.get("rcpt_to")
        if "mail_from" not in smtp or not isinstance(recipients, list) or not recipients:
            self.skipped["transactions without a sender or recipient"] += 1
            return ()
        if not all(isinstance(address, str) for address in recipients):
            raise UnreadableRecord(Reason.WRONG_TYPE, "The field `smtp.rcpt_to` is not a list of strings.")
        names = email.get("attachment")
        mail = Mail(
            (
                "suricata",
                text_in(row, "host"),
                text_in(row, "flow_id"),
                text_in(row, "tx_id"),
                text_in(row, "timestamp"),
            ),
            moment_ms(text_in(row, "timestamp")),
            address_of(text_in(smtp, "mail_from")),
            {address_of(address): "unknown" for address in recipients},
            message_id=text_in(email, "message_id"),
            subject=decoded(text_in(email, "subject")),
            direction=self.own_clients.direction_of(text_in(row, "src_ip"), text_in(row, "dest_ip")),
            attachments=[Attachment(name=str(name)) for name in names] if isinstance(names, list) else None,
        )
        return events_of(mail, self.name)


def _record(row: dict[str, Any], name: str) -> dict[str, Any]:
    found = row.get(name)
    return found if isinstance(found, dict) else {}
