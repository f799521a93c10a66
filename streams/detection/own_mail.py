"""Own mail: this organisation's outgoing mail, which alone is scored."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from operator import attrgetter

from streams.domains.own_domains import OwnDomains
from streams.events.addresses import domain_of
from streams.events.mail import MailEvent, PlainEvents

SENDER_DOMAINS_CACHED = 100_000
USUAL_DOMAINS = 8
"""The first of the own domains, which a look at a sender's end finds in half the time of the cache."""
_direction = attrgetter("direction")


class OwnMail:
    """A test for mail that isn't inbound and whose sender has one of these domains or a subdomain of one, or any
    domain where there are none.

    Inbound is what the feed calls so: a stranger may have sent it under any sender's address. Raises
    ConfigurationError for a name that is not a domain name.
    """

    def __init__(self, own_domains: Iterable[str]) -> None:
        names = list(own_domains)
        own = OwnDomains(names)
        self._usual = tuple(f"@{name}" for name in names[:USUAL_DOMAINS])
        self._is_own_domain = lru_cache(SENDER_DOMAINS_CACHED)(lambda text: not own or domain_of(text) in own)

    def __call__(self, event: MailEvent) -> bool:
        if event.direction == "inbound":
            return False
        sender = event.sender
        # As written: normalising it costs more than a look-up.
        return sender.endswith(self._usual) or self._is_own_domain(sender[sender.rfind("@") + 1 :])

    def are_own(self, plain: PlainEvents) -> bool:
        """Whether each of these events is own mail, and none a bounce."""
        if plain.has_bounces or "inbound" in map(_direction, plain.events):
            return False
        return all(map(self._is_own_domain, plain.sender_domains))


def received_mail(own_domains: Iterable[str]) -> Callable[[MailEvent], bool]:
    """A test for mail from elsewhere to a recipient at one of these domains or a subdomain of one, whatever its
    `direction` says; no mail is where there are none.

    Raises ConfigurationError for a name that is not a domain name.
    """
    own = OwnDomains(own_domains)

    @lru_cache(SENDER_DOMAINS_CACHED)
    def is_own_domain(text: str) -> bool:
        return domain_of(text) in own

    def is_received(event: MailEvent) -> bool:
        sender = event.sender
        if is_own_domain(sender[sender.rfind("@") + 1 :]):
            return False
        return any(is_own_domain(address[address.rfind("@") + 1 :]) for address in event.recipients)

    return is_received
