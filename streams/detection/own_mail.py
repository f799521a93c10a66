"""Own mail: where `own_domains` is set, only this organisation's outgoing mail is scored."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from streams.domains.own_domains import OwnDomains
from streams.events.addresses import domain_of
from streams.events.mail import MailEvent


def own_mail(own_domains: Iterable[str]) -> Callable[[MailEvent], bool] | None:
    """A test for mail that isn't inbound and whose sender has one of these domains or a subdomain of one; None where
    there are no domains.

    Raises ConfigurationError for a name that is not a domain name.
    """
    own = OwnDomains(own_domains)
    if not own:
        return None
    known: dict[str, bool] = {}

    def is_own_mail(event: MailEvent) -> bool:
        if event.direction == "inbound":
            return False
        sender = event.sender
        text = sender[sender.rfind("@") + 1 :]  # as written: normalising it costs more than looking it up
        own_sender = known.get(text)
        if own_sender is None:
            if len(known) > 100_000:
                known.clear()
            own_sender = known[text] = domain_of(text) in own
        return own_sender

    return is_own_mail
