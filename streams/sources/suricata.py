"""Suricata's EVE log, records of type smtp. Fields follow its documentation, "EVE JSON format: SMTP"."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import msgspec

from streams.errors import UnreadableRecord
from streams.events.decode_errors import DECODER_ERRORS
from streams.events.mail import Attachment, MailEvent
from streams.events.reasons import Reason
from streams.sources.build_event import Mail, address_of, events_of
from streams.sources.headers import decoded
from streams.sources.rows import json_object, moment_ms, text_in
from streams.sources.source import Source

LINGER_MS = 60_000
"""How long, in the log's time, an envelope without a mail waits for other transactions of its session."""
FLOWS_KEPT = PAIRS_KEPT = 10_000


class _Flow(msgspec.Struct):
    """A session: whether a mail was seen in it, and the envelopes without one, with the time of the first."""

    has_mail: bool
    first_ms: int
    bare: list[dict[str, Any]]
    pair: str = ""


class _State(msgspec.Struct):
    """What is kept over a restart: the sessions, and the pairs of client and server between which a mail was seen."""

    flows: dict[str, _Flow]
    pairs: list[str]


@dataclass
class Suricata(Source):
    """Reads one SMTP transaction a record; it doesn't contain whether the mail was delivered.

    A record without `email` is an envelope that was given up before DATA, or a mail that the sensor could not take
    apart. Which of these shows in the other transactions of its session, and in the other sessions of client and
    server: where these have one, it was given up.
    """

    kind: ClassVar[str] = "suricata"
    record_bytes: ClassVar[int] = 256 * 1024

    def __post_init__(self) -> None:
        self._flows: OrderedDict[str, _Flow] = OrderedDict()
        self._pairs: OrderedDict[str, None] = OrderedDict()
        self._newest_ms = 0

    def read(self, record: bytes) -> Iterable[MailEvent]:
        row = json_object(record)
        if row.get("event_type") != "smtp":
            self.skipped["records of other types"] += 1
            return ()
        mail = self._mail(row)
        if mail is None:
            self.skipped["transactions without a sender or recipient"] += 1
            return ()
        events = list(events_of(mail, self.name))
        self._newest_ms = max(self._newest_ms, mail.time_ms)
        return [*self._sorted(row, mail.time_ms, events), *self._emit(self._newest_ms)]

    def settle(self, idle_ms: int) -> Iterable[MailEvent]:
        return list(self._emit(self._newest_ms + idle_ms))

    def finish(self) -> Iterator[MailEvent]:
        while self._flows:
            yield from self._events(self._flows.popitem(last=False)[1])

    def state(self) -> bytes | None:
        return msgspec.json.encode(_State(self._flows, list(self._pairs)))

    def resume(self, state: bytes) -> None:
        try:
            kept = msgspec.json.decode(state, type=_State)
        except DECODER_ERRORS as error:
            raise ValueError(f"not a state of sessions: {error}") from None
        self._flows, self._pairs = OrderedDict(kept.flows), OrderedDict.fromkeys(kept.pairs)
        self._newest_ms = max((flow.first_ms for flow in self._flows.values()), default=0)

    def _sorted(self, row: dict[str, Any], time_ms: int, events: list[MailEvent]) -> list[MailEvent]:
        """The events of a mail; none for an envelope that was given up or has to wait."""
        key = text_in(row, "flow_id")
        pair = f"{text_in(row, 'src_ip')} {text_in(row, 'dest_ip')}"
        flow = self._flows.setdefault(key, _Flow(has_mail=False, first_ms=time_ms, bare=[], pair=pair))
        if _record(row, "email"):
            flow.has_mail = True
            self._saw_mail(pair)
            self._given_up(len(flow.bare))
            flow.bare.clear()
            return events
        if not key:
            return events
        if flow.has_mail:
            self._given_up(1)
        else:
            flow.bare.append(row)
        return []

    def _saw_mail(self, pair: str) -> None:
        self._pairs[pair] = None
        self._pairs.move_to_end(pair)
        if len(self._pairs) > PAIRS_KEPT:
            self._pairs.popitem(last=False)

    def _given_up(self, count: int) -> None:
        if count:
            self.skipped["envelopes that were given up before DATA"] += count

    def _emit(self, now_ms: int) -> Iterator[MailEvent]:
        while self._flows:
            key = next(iter(self._flows))
            if self._flows[key].first_ms > now_ms - LINGER_MS and len(self._flows) <= FLOWS_KEPT:
                return
            yield from self._events(self._flows.pop(key))

    def _events(self, flow: _Flow) -> Iterator[MailEvent]:
        if flow.pair in self._pairs:
            self._given_up(len(flow.bare))
            return
        for row in flow.bare:
            if mail := self._mail(row):
                yield from events_of(mail, self.name)

    def _mail(self, row: dict[str, Any]) -> Mail | None:
        """What a record says of a mail; None without a sender or recipient. Raises UnreadableRecord."""
        smtp, email = _record(row, "smtp"), _record(row, "email")
        recipients = smtp.get("rcpt_to")
        if "mail_from" not in smtp or not isinstance(recipients, list) or not recipients:
            return None
        if not all(isinstance(address, str) for address in recipients):
            raise UnreadableRecord(Reason.WRONG_TYPE, "The field `smtp.rcpt_to` is not a list of strings.")
        names = email.get("attachment")
        return Mail(
            ("suricata", *(text_in(row, name) for name in ("host", "flow_id", "tx_id", "timestamp"))),
            moment_ms(text_in(row, "timestamp")),
            address_of(text_in(smtp, "mail_from")),
            {address_of(address): "unknown" for address in recipients},
            message_id=text_in(email, "message_id"),
            subject=decoded(text_in(email, "subject")),
            direction=self.own_clients.direction_of(text_in(row, "src_ip"), text_in(row, "dest_ip")),
            attachments=[Attachment(name=str(name)) for name in names] if isinstance(names, list) else None,
        )


def _record(row: dict[str, Any], name: str) -> dict[str, Any]:
    found = row.get(name)
    return found if isinstance(found, dict) else {}
