"""Counts mails, senders and first and last day by recipient domain, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from streams.events.addresses import domain_of, normalise_address
from streams.events.mail import MailEvent

MAX_DOMAINS = 200_000
MAX_SENDERS = 1_000


@dataclass(slots=True)
class Volume:
    """Volume of one recipient domain. `mails` counts events, `delivered` those known to be delivered."""

    domain: str
    first_ms: int
    last_ms: int
    mails: int = 0
    delivered: int = 0
    senders: set[int] = field(default_factory=set)

    def add(self, event: MailEvent, time_ms: int, *, delivered: bool) -> None:
        """Count an event."""
        self.mails += 1
        self.delivered += delivered
        self.first_ms, self.last_ms = min(self.first_ms, time_ms), max(self.last_ms, time_ms)
        if len(self.senders) < MAX_SENDERS:
            self.senders.add(hash(normalise_address(event.sender)))


class Volumes:
    """Volumes of all recipient domains. When there are too many, the half with the fewest mails is dropped."""

    def __init__(self, max_domains: int = MAX_DOMAINS) -> None:
        self._max_domains = max_domains
        self.domains: dict[str, Volume] = {}
        self.sending: set[str] = set()
        """Sender domains."""
        self.dropped = 0

    def add_all(self, events: Iterable[MailEvent]) -> None:
        """Count events, without bounces."""
        for event in events:
            if not event.is_bounce:
                self._add(event)

    def _add(self, event: MailEvent) -> None:
        time_ms = event.time_ms
        if len(self.sending) < self._max_domains:
            self.sending.add(domain_of(event.sender))
        delivered_to = _delivered_to(event)
        for domain in event.domains:
            volume = self.domains.get(domain)
            if volume is None:
                if len(self.domains) >= self._max_domains:
                    self._drop()
                volume = self.domains[domain] = Volume(domain, time_ms, time_ms)
            volume.add(event, time_ms, delivered=delivered_to is None or domain in delivered_to)

    def _drop(self) -> None:
        by_mails = sorted(self.domains.values(), key=lambda volume: volume.mails, reverse=True)
        self.dropped += len(by_mails) - len(by_mails) // 2
        self.domains = {volume.domain: volume for volume in by_mails[: len(by_mails) // 2]}


def _delivered_to(event: MailEvent) -> set[str] | None:
    """Domains that the mail was delivered to; None for all of them."""
    if isinstance(event.delivery, dict):
        return {domain_of(address) for address, status in event.delivery.items() if status == "delivered"}
    return None if event.delivery == "delivered" else set()
