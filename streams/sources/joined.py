"""Logs that tell a mail in several lines, joined by its queue id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from streams.events.mail import MailEvent
from streams.sources.build_event import Mail, events_of
from streams.sources.open_mails import OpenMail, OpenMails
from streams.sources.source import Source
from streams.sources.syslog import LogClock


class JoinedLog(Source):
    """What Postfix's and Exim's logs share: mails that are open, and when they are told."""

    is_dated = True

    def __post_init__(self) -> None:
        self._clock = LogClock(self.options.zone, self.options.year)
        self._mails = OpenMails()
        self._newest_ms = 0

    def begin_file(self, modified_ms: int) -> None:
        self._clock.begin_file(modified_ms)

    def settle(self, idle_ms: int) -> Iterator[MailEvent]:
        return self._told(self._mails.quiet(self._newest_ms + idle_ms))

    def rest(self) -> Iterator[MailEvent]:
        return self._told(self._mails.rest())

    def state(self) -> bytes | None:
        return self._mails.dump()

    def resume(self, state: bytes) -> None:
        self._mails.load(state)
        self._newest_ms = max(self._newest_ms, self._mails.newest_ms)

    def _ms(self, stamp: bytes) -> int | None:
        """The time of a line, None where it is none."""
        try:
            return self._clock.ms(stamp)
        except (ValueError, KeyError, OverflowError, StopIteration):
            return None

    def _quiet(self, time_ms: int) -> list[MailEvent]:
        """What a line of this time settles: mails that nothing was said of for a while before it."""
        self._newest_ms = max(self._newest_ms, time_ms)
        return list(self._told(self._mails.quiet(time_ms)))

    def _told(self, mails: Iterable[OpenMail]) -> Iterator[MailEvent]:
        for mail in mails:
            if mail.has_news:
                mail.told = dict(mail.recipients)
                yield from self._events(mail)
            elif mail.is_done and not mail.told:
                self.skipped["mails whose sender or recipients are not in the log"] += 1

    def _events(self, mail: OpenMail) -> Iterator[MailEvent]:
        """A mail without a message id gets one of its queue id: its states are to count as one mail."""
        known = Mail(
            mail.identity,
            mail.first_ms,
            mail.sender or "",
            mail.recipients,
            message_id=mail.message_id or f"<{'.'.join(mail.identity[1:])}@{mail.identity[0]}>",
            subject=mail.subject,
            size=mail.size,
            labels=mail.labels,
        )
        return events_of(known, self.name)
