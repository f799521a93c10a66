"""One mail under several queue ids: a filter hands it back, a relay queues it again, an administrator requeues it.

What another server answers proves nothing: a stranger's may claim any queue id, as that of a mail of one's own which
has it in its header. So an answer is followed only to a mail that has the same message id (or where this one has none,
the same sender), came later, and hasn't itself come from this one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from streams.sources.open_mails import OpenMail, OpenMails

HOSTS_KEPT = 100
ORIGINS_KEPT = 20
PIPED_KEPT = 1_000
CLOCKS_DIFFER_MS = 5_000
"""How much earlier, by its host's clock, a mail may have been queued again than it was queued first."""


class Handoffs:
    """Finds a mail's next queue id among the open mails, and joins both to one mail."""

    def __init__(self, mails: OpenMails) -> None:
        self._mails = mails
        self._prefixes: dict[str, None] = {}
        self._piped: OrderedDict[str, tuple[OpenMail, set[str]]] = OrderedDict()

    def add_host(self, prefix: str) -> None:
        """Called with what comes before a queue id in the keys of a host's mails."""
        if prefix not in self._prefixes and len(self._prefixes) < HOSTS_KEPT:
            self._prefixes[prefix] = None

    def pass_on(self, mail: OpenMail, recipient: str, queue_id: str) -> None:
        """The next server has taken the mail for this recipient, and names the queue id that it has there."""
        mail.passed[recipient] = queue_id
        self._follow(mail, recipient, queue_id)

    def follow(self, mail: OpenMail) -> None:
        """Whatever was delivered to a server whose lines are in the same log isn't at its end: that is there."""
        for recipient, queue_id in mail.passed.items():
            self._follow(mail, recipient, queue_id)

    def _follow(self, mail: OpenMail, recipient: str, queue_id: str) -> None:
        for again in self._found(queue_id):
            if _is_same(mail, again, queue_id):
                if mail.recipients.get(recipient) == "delivered":
                    mail.recipients[recipient] = "unknown"
                join(mail, again)

    def come_back(self, mail: OpenMail, origin_id: str) -> None:
        """The server knows that it has had this mail under another queue id."""
        for origin in self._found(origin_id):
            join(origin, mail)

    def pipe(self, mail: OpenMail, recipient: str) -> None:
        """A program on the host has taken the mail for this recipient: it may be a filter, which sends it on."""
        if mail.has_message_id:
            self._piped.setdefault(mail.mail_id, (mail, set()))[1].add(recipient)
            if len(self._piped) > PIPED_KEPT:
                self._piped.popitem(last=False)

    def come_out(self, mail: OpenMail, recipient: str) -> None:
        """A mail has a delivery to this recipient: what a program had taken for the same one isn't at its end."""
        if not self._piped or (found := self._piped.get(mail.mail_id)) is None:
            return
        piped, recipients = found
        if piped is not mail and recipient in recipients and piped.first_ms <= mail.first_ms + CLOCKS_DIFFER_MS:
            recipients.discard(recipient)
            if piped.recipients.get(recipient) == "delivered":
                piped.recipients[recipient] = "unknown"
            join(piped, mail)

    def _found(self, queue_id: str) -> Sequence[OpenMail]:
        """The mails with this queue id on any host: for most, on another server's, none."""
        get = self._mails.get
        return [mail for prefix in self._prefixes if (mail := get(prefix + queue_id)) is not None]


def _is_same(mail: OpenMail, again: OpenMail, queue_id: str) -> bool:
    has_come_from = queue_id in mail.origins or mail.queue_id in again.passed.values()
    if again is mail or has_come_from or again.first_ms < mail.first_ms - CLOCKS_DIFFER_MS:
        return False
    if mail.has_message_id and again.has_message_id:
        return mail.mail_id == again.mail_id
    return again.sender in (None, mail.sender)


def join(mail: OpenMail, again: OpenMail) -> None:
    """Give both one message id, that which was emitted if one was, and remember where the second one came from."""
    if not mail.has_message_id and not mail.emitted:
        mail.message_id = again.mail_id
    elif not again.emitted and not (mail.has_message_id and again.has_message_id):
        again.message_id = mail.mail_id
    again.origins = list(dict.fromkeys([*again.origins, *mail.origins, mail.queue_id]))[-ORIGINS_KEPT:]
