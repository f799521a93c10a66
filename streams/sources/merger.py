"""Joins the rows of one mail: exports have a row for each recipient, or for each step of the delivery."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator

from streams.events.mail import MailEvent
from streams.sources.build_event import Mail, check_mail, events_of, later

MAILS_KEPT = 50_000
"""Mails kept open. Rows of one mail are close together; one that is further away becomes an event of its own, which the
pipeline recognises as the same mail by its message id."""


class Merger:
    """Mails that may get more rows; beyond `kept` mails, the least recently used one is emitted."""

    def __init__(self, source: str, kept: int = MAILS_KEPT) -> None:
        self._source, self._kept = source, kept
        self._mails: OrderedDict[tuple[str, ...], Mail] = OrderedDict()
        self._left_out: dict[tuple[str, ...], set[str]] = {}

    def add(self, mail: Mail, left_out: Iterable[str] = ()) -> Iterator[MailEvent]:
        """Add a row; returns the events of the mail that has to leave, if any. The mail has none of the recipients that
        a row leaves out, unless it is delivered to one after all.

        Raises UnreadableRecord for a row that no event can have, at once: the mail that leaves is another's."""
        check_mail(mail)
        is_inbound = mail.direction == "inbound"  # whoever has a mail can send one in with its id
        key = (*mail.identity, "inbound") if is_inbound else mail.identity
        known = self._mails.setdefault(key, mail)
        if known is not mail:
            statuses = {to: later(known.recipients.get(to), status) for to, status in mail.recipients.items()}
            known.recipients = {**known.recipients, **statuses}
            known.time_ms = min(known.time_ms, mail.time_ms)
        if left_out:
            self._left_out.setdefault(key, set()).update(left_out)
        self._mails.move_to_end(key)
        if len(self._mails) > self._kept:
            yield from self._leave()

    def drain(self) -> Iterator[MailEvent]:
        """Remove all mails and return their events."""
        while self._mails:
            yield from self._leave()

    def _leave(self) -> Iterator[MailEvent]:
        key, mail = self._mails.popitem(last=False)
        if left_out := self._left_out.pop(key, None):
            kept = (
                (to, status) for to, status in mail.recipients.items() if to not in left_out or status == "delivered"
            )
            mail.recipients = dict(kept)
        return events_of(mail, self._source)
