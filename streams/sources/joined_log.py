"""Logs that spread a mail over several lines, which are joined by its queue id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from streams.events.delivery import Delivery
from streams.events.mail import Direction, MailEvent
from streams.sources.build_event import Mail, events_of
from streams.sources.handoffs import Handoffs
from streams.sources.open_mails import OpenMail, OpenMails
from streams.sources.source import Source
from streams.sources.syslog import TIMESTAMP_ERRORS, LogClock

INCOMPLETE = "mails whose sender or recipients are not in the log"
UNNAMED = "refusals before sender and recipient were named"
LOCAL = "mails to users of the host alone"
ASIDE = "other lines with an address"
REPEATED = "further attempts to send what was refused for now"
RETRY_MS = 6 * 3_600_000
"""The longest wait of a client between two attempts to send a mail that is refused for now."""
TRIED_MS = 5 * 24 * 3_600_000
"""How long a client tries: RFC 5321, 4.5.4.1, has it give up after four to five days."""


class JoinedLog(Source):
    """Common part of Postfix's and Exim's logs: the open mails, and when events are emitted for them."""

    is_dated = True
    record_bytes = 64 * 1024

    def __post_init__(self) -> None:
        self._clock = LogClock(self.options.zone, self.options.year)
        self._mails = OpenMails()
        self._handoffs = Handoffs(self._mails)
        self._newest_ms = 0

    def begin_file(self, modified_ms: int) -> None:
        self._clock.begin_file(modified_ms)

    def settle(self, idle_ms: int) -> Iterator[MailEvent]:
        return self._emit(self._mails.quiet(self._newest_ms + idle_ms))

    def finish(self) -> Iterator[MailEvent]:
        return self._emit(self._mails.drain(), at_end=True)

    def state(self) -> bytes | None:
        return self._mails.dump()

    def resume(self, state: bytes) -> None:
        self._mails.load(state)
        self._newest_ms = max(self._newest_ms, self._mails.newest_ms)

    def _ms(self, stamp: bytes) -> int | None:
        """The time of a line in ms since the epoch, None where it can't be read."""
        try:
            return self._clock.ms(stamp)
        except TIMESTAMP_ERRORS:
            return None

    def _quiet(self, time_ms: int) -> list[MailEvent]:
        """The events of mails that have had no line for a while before this time."""
        self._newest_ms = max(self._newest_ms, time_ms)
        return list(self._emit(self._mails.quiet(time_ms)))

    def _emit(self, mails: Iterable[OpenMail], *, at_end: bool = False) -> Iterator[MailEvent]:
        for mail in mails:
            if mail.passed:
                self._handoffs.follow(mail)
            if mail.has_changed:
                is_first, mail.emitted = not mail.emitted, dict(mail.recipients)
                events = list(self._events(mail))
                if is_first and not events:
                    self.skipped[LOCAL] += 1
                yield from events
            elif (mail.is_done or at_end) and mail.is_incomplete:
                self.skipped[INCOMPLETE] += 1

    def _refused(self, mail: Mail, client: str, *, is_own: bool, is_for_now: bool) -> list[MailEvent]:
        """The event of a mail that was refused before it had a queue id.

        Anybody may be refused a mail under any name: it is the organisation's own only where its client is. An own
        client that was refused for now sends the same mail again and again."""
        if not is_own:
            mail.direction = "inbound"
        elif is_for_now and self._is_known_attempt(mail, client):
            self.skipped[REPEATED] += 1
            return []
        events = list(events_of(mail, self.name))
        if not events:
            self.skipped[LOCAL] += 1
        return events

    def _is_known_attempt(self, mail: Mail, client: str) -> bool:
        key = " ".join(("refused", client, mail.sender, *mail.recipients))
        known, time_ms = self._mails.get(key), mail.time_ms
        if known is None or time_ms - known.active_ms > RETRY_MS or time_ms - known.first_ms > TRIED_MS:
            self._mails.keep(key, OpenMail(mail.identity, time_ms, time_ms, emitted=dict(mail.recipients)))
            return False
        known.active_ms = max(time_ms, known.active_ms)
        return True

    def _events(self, mail: OpenMail) -> Iterable[MailEvent]:
        """Events of one mail. Recipients that a stranger was refused are inbound: whoever connects may name any."""
        if "rejected" not in mail.recipients.values() or self._is_own(mail):
            return self._events_for(mail, mail.recipients, None)
        refused = {to: status for to, status in mail.recipients.items() if status == "rejected"}
        accepted = {to: status for to, status in mail.recipients.items() if status != "rejected"}
        return [*self._events_for(mail, accepted, None), *self._events_for(mail, refused, "inbound")]

    def _is_own(self, mail: OpenMail) -> bool:
        return mail.is_trusted or self._is_own_client(mail.client, mail.sender or "")

    def _is_own_client(self, client: str, sender: str) -> bool:
        """Whether the client, as the log writes it, is one of the organisation's."""
        raise NotImplementedError

    def _events_for(
        self, mail: OpenMail, recipients: Mapping[str, Delivery], direction: Direction | None
    ) -> Iterator[MailEvent]:
        joined = Mail(
            mail.identity,
            mail.first_ms,
            mail.sender or "",
            recipients,
            message_id=mail.mail_id,
            subject=mail.subject,
            size=mail.size,
            direction=direction,
            labels=mail.labels,
        )
        return events_of(joined, self.name)
