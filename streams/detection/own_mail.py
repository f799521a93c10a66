"""Own mail: this organisation's outgoing mail, which alone is scored."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from streams.domains.own_domains import OwnDomains
from streams.events.addresses import domain_of
from streams.events.mail import MailEvent

SENDER_DOMAINS_CACHED = 100_000
USUAL_DOMAINS = 8
"""The first of the own domains, which a look at a sender's end finds in half the time of the cache."""


def own_mail(own_domains: Iterable[str]) -> Callable[[MailEvent], bool]:
    """A test for mail that isn't inbound and whose sender has one of these domains or a subdomain of one, or any
    domain where there are none.

    Raises ConfigurationError for a name that is not a domain name.
    """
    names = list(own_domains)
    own = OwnDomains(names)
    if not own:
        return is_not_inbound
    usual = tuple(f"@{name}" for name in names[:USUAL_DOMAINS])

    @lru_cache(SENDER_DOMAINS_CACHED)
    def is_own_domain(text: str) -> bool:
        return domain_of(text) in own

    def is_own_mail(event: MailEvent) -> bool:
        if event.direction == "inbound":
            return False
        sender = event.sender
        # As written: normalising it costs more than a look-up.
        return sender.endswith(usual) or is_own_domain(sender[sender.rfind("@") + 1 :])

    return is_own_mail


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


def is_not_inbound(event: MailEvent) -> bool:
    """False for mail that the feed calls inbound: a stranger may have sent it under any sender's address."""
    return event.direction != "inbound"
