"""Logs that spread a mail over several lines, which are joined by its queue id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from streams.events.delivery import Delivery
from streams.events.mail import Direction, MailEvent
from streams.sources.build_event import Mail, events_of
from streams.sources.open_mails import OpenMail, OpenMails
from streams.sources.source import Source
from streams.sources.syslog import TIMESTAMP_ERRORS, LogClock


class JoinedLog(Source):
    """Common part of Postfix's and Exim's logs: the open mails, and when events are emitted for them."""

    is_dated = True
    record_bytes = 64 * 1024

    def __post_init__(self) -> None:
        self._clock = LogClock(self.options.zone, self.options.year)
        self._mails = OpenMails()
        self._newest_ms = 0

    def begin_file(self, modified_ms: int) -> None:
        self._clock.begin_file(modified_ms)

    def settle(self, idle_ms: int) -> Iterator[MailEvent]:
        return self._emit(self._mails.quiet(self._newest_ms + idle_ms))

    def finish(self) -> Iterator[MailEvent]:
        return self._emit(self._mails.drain())

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

    def _emit(self, mails: Iterable[OpenMail]) -> Iterator[MailEvent]:
        for mail in mails:
            if mail.has_changed:
                mail.emitted = dict(mail.recipients)
                yield from self._events(mail)
            elif mail.is_done and not mail.emitted:
                self.skipped["mails whose sender or recipients are not in the log"] += 1

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
        """Without a message id the mail gets one made from its queue id, so that it is counted once."""
        joined = Mail(
            mail.identity,
            mail.first_ms,
            mail.sender or "",
            recipients,
            message_id=mail.message_id or f"<{'.'.join(mail.identity[1:])}@{mail.identity[0]}>",
            subject=mail.subject,
            size=mail.size,
            direction=direction,
            labels=mail.labels,
        )
        return events_of(joined, self.name)
