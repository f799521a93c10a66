"""Joins the rows of one mail: exports have one for each recipient, or for each step of its way."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from streams.events.mail import MailEvent
from streams.sources.build_event import Mail, events_of, later

MAILS_KEPT = 50_000
"""Rows of one mail stand near each other; one that is further away makes an event of its own, which the pipeline
counts as the same mail by its message id."""


class Merger:
    """Mails that more rows may come for, the one that was asked for least lately told first."""

    def __init__(self, source: str, kept: int = MAILS_KEPT) -> None:
        self._source, self._kept = source, kept
        self._mails: OrderedDict[tuple[str, ...], Mail] = OrderedDict()

    def add(self, mail: Mail) -> Iterator[MailEvent]:
        """Take a row in; the events of what there is no more room for."""
        known = self._mails.setdefault(mail.identity, mail)
        if known is not mail:
            statuses = {to: later(known.recipients.get(to), status) for to, status in mail.recipients.items()}
            known.recipients = {**known.recipients, **statuses}
            known.time_ms = min(known.time_ms, mail.time_ms)
        self._mails.move_to_end(mail.identity)
        if len(self._mails) > self._kept:
            yield from events_of(self._mails.popitem(last=False)[1], self._source)

    def rest(self) -> Iterator[MailEvent]:
        """The events of all that are left."""
        while self._mails:
            yield from events_of(self._mails.popitem(last=False)[1], self._source)
