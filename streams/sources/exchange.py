"""Exchange Server's message tracking: its own log files, and what Get-MessageTrackingLog exports as CSV or JSON.

Fields and steps are those that Microsoft documents (docs/sources/exchange.md has the address).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from streams.errors import UnreadableRecord
from streams.events.delivery import Delivery
from streams.events.mail import MailEvent
from streams.events.reasons import Reason
from streams.sources.build_event import Mail, address_of, check_time
from streams.sources.exchange_events import DIRECTIONS, EVENTS
from streams.sources.gate_refusal import SKIPPED, is_gate_reply
from streams.sources.rows import Row, RowSource, addresses_in, moment_ms, number_in, text_in, texts_in

_WITHIN = ("intra-organization", "intraorganization")
"""In the name of the connector over which servers of one organisation send to each other."""
_RECIPIENTS = ("recipientaddress", "recipients")
_BETWEEN = "];["
_SAID, _AT = re.compile(r"\{LED=([^{}]*+)\}"), re.compile(r"\{IP=([^{}]++)\}")
"""The last error of a recipient, `[{LRT=...};{LED=550 5.1.1 no};{FQDN=mx.example};{IP=192.0.2.9}]`; the status of one
recipient may also be the server's reply alone."""


@dataclass
class Exchange(RowSource):
    """Reads one step of one mail a row; the rows of a mail are joined by its message id."""

    kind: ClassVar[str] = "exchange"

    def _read_row(self, row: Row) -> Iterable[MailEvent]:
        if not set(_RECIPIENTS) & row.keys() or "eventid" not in row:
            detail = "There is no recipient or no event id: this is not a log of message tracking."
            raise UnreadableRecord(Reason.MISSING_FIELD, detail)
        status = _status(row)
        if status is None:
            self.skipped["steps that are not about a delivery"] += 1
            return ()
        listed = [address_of(part) for part in _recipients(row)]
        recipients = {to: status for to in listed if "@" in to}
        if not recipients:
            self.skipped["steps without a recipient"] += 1
            return ()
        time_ms = moment_ms(text_in(row, "datetime", "timestamp"))
        check_time(time_ms)
        sender = _sender(row)
        message_id = text_in(row, "messageid")
        trace = text_in(row, "networkmessageid", "internalmessageid")
        mail = Mail(
            ("exchange", message_id or trace, sender),
            time_ms,
            sender,
            recipients,
            message_id=message_id,
            subject=text_in(row, "messagesubject"),
            size=number_in(row, "totalbytes"),
            direction=DIRECTIONS.get(text_in(row, "directionality").lower()),
        )
        stopped = self._stopped_by_gate(row, listed) if status == "failed" else []
        self.skipped.update([SKIPPED] * len(stopped))
        return list(self._merger.add(mail, stopped))

    def _stopped_by_gate(self, row: Row, listed: Sequence[str]) -> list[str]:
        """The recipients that a server of the organisation's refused in the gate's words."""
        text = text_in(row, "recipientstatus")
        answers = [text] if len(listed) == 1 else text.split(_BETWEEN)
        pairs = zip(listed, answers, strict=False) if len(answers) == len(listed) else ()
        return [to for to, answer in pairs if self._is_of_gate(answer, text_in(row, "serverip"))]

    def _is_of_gate(self, answer: str, server: str) -> bool:
        said, at = _SAID.search(answer), _AT.search(answer)
        said_text = answer if said is None else said[1]
        return is_gate_reply(said_text.encode()) and self.own_clients.is_own_address(at[1] if at else server)


def _status(row: Row) -> Delivery | None:
    """The delivery status after this step; None for one that is not about a delivery. What one server sends to another
    of the organisation is on its way."""
    event = text_in(row, "eventid").lower()
    is_within = any(name in text_in(row, "connectorid").lower() for name in _WITHIN)
    return "unknown" if event == "send" and is_within else EVENTS.get(event)


def _recipients(row: Row) -> list[str]:
    return [part for text in texts_in(row, *_RECIPIENTS) for part in addresses_in(text, ";")]


def _sender(row: Row) -> str:
    """The address in the mail's From or Sender; empty for a bounce, which has an empty return path."""
    return (
        "" if text_in(row, "returnpath") == "<>" else address_of(text_in(row, "senderaddress", "sender", "returnpath"))
    )
