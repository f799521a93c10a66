"""Own mail: this organisation's outgoing mail, which alone is scored."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from operator import attrgetter

from streams.domains.own_domains import OwnDomains
from streams.events.addresses import domain_of
from streams.events.mail import MailEvent, PlainEvents

SENDER_DOMAINS_CACHED, CACHED_LENGTH = 100_000, 64
"""How many domains of senders are kept as they were written, and the most characters of each: strangers write them."""
USUAL_DOMAINS = 8
"""The first of the own domains, which a look at a sender's end finds in half the time of the cache."""
_direction = attrgetter("direction")


def _own_domain(own: OwnDomains) -> Callable[[str], bool]:
    """A test for a domain as it was written, of which the usual answer is kept: normalising costs more."""

    def is_own(text: str) -> bool:
        return domain_of(text) in own

    is_own_cached = lru_cache(SENDER_DOMAINS_CACHED)(is_own)
    return lambda text: is_own_cached(text) if len(text) <= CACHED_LENGTH else is_own(text)


class OwnMail:
    """A test for mail that isn't inbound and whose sender has one of these domains or a subdomain of one, or any
    domain where there are none.

    Inbound is what the feed calls so: a stranger may have sent it under any sender's address. Raises
    ConfigurationError for a name that is not a domain name.
    """

    def __init__(self, own_domains: Iterable[str]) -> None:
        names = list(own_domains)
        own = OwnDomains(names)
        self._is_any_own = not own
        self._usual = tuple(f"@{name}" for name in names[:USUAL_DOMAINS])
        self._is_own_domain = _own_domain(own)

    def __call__(self, event: MailEvent) -> bool:
        if event.direction == "inbound":
            return False
        sender = event.sender
        return self._is_any_own or sender.endswith(self._usual) or self._is_own_domain(sender[sender.rfind("@") + 1 :])

    def are_all_sent(self, plain: PlainEvents) -> bool:
        """Whether each of these events is own mail that somebody sent: none is a bounce."""
        if plain.has_bounces or "inbound" in map(_direction, plain.events):
            return False
        return self._is_any_own or all(map(self._is_own_domain, plain.sender_domains))


def received_mail(own_domains: Iterable[str]) -> Callable[[MailEvent], bool]:
    """A test for mail from elsewhere to a recipient at one of these domains or a subdomain of one, whatever its
    `direction` says; no mail is where there are none.

    Raises ConfigurationError for a name that is not a domain name.
    """
    is_own_domain = _own_domain(OwnDomains(own_domains))

    def is_received(event: MailEvent) -> bool:
        sender = event.sender
        if is_own_domain(sender[sender.rfind("@") + 1 :]):
            return False
        return any(is_own_domain(address[address.rfind("@") + 1 :]) for address in event.recipients)

    return is_received
