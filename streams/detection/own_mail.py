"""Whose mail it is: with `own_domains` set, only this organisation's outgoing mail is scored."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from streams.domains.names import canonical
from streams.errors import ConfigurationError, MalformedDomain
from streams.events.addresses import domain_of
from streams.events.mail import MailEvent


def own_mail(own_domains: Iterable[str]) -> Callable[[MailEvent], bool] | None:
    """A test for mail that one of these domains (or one under it) sent and that isn't inbound; None where none is
    named.

    Raises ConfigurationError for a name that is none.
    """
    own = frozenset(_named(domain) for domain in own_domains)
    if not own:
        return None
    known: dict[str, bool] = {}

    def is_ours(event: MailEvent) -> bool:
        if event.direction == "inbound":
            return False
        sender = event.sender
        text = sender[sender.rfind("@") + 1 :]  # as written: to normalise it costs more than to look it up
        ours = known.get(text)
        if ours is None:
            if len(known) > 100_000:
                known.clear()
            ours = known[text] = _is_under(domain_of(text), own)
        return ours

    return is_ours


def _named(domain: str) -> str:
    try:
        return canonical(domain)
    except MalformedDomain as error:
        raise ConfigurationError(f"own_domains: {error}") from error


def _is_under(domain: str, own: frozenset[str]) -> bool:
    try:
        name = canonical(domain)
    except MalformedDomain:
        return False
    while name not in own:
        _, dot, name = name.partition(".")
        if not dot:
            return False
    return True
