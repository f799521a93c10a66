"""Which domains mail goes to, how much of it, from how many people, since when; in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from streams.events.addresses import domain_of, normalise_address
from streams.events.mail import MailEvent

DOMAINS_KEPT = 200_000
SENDERS_KEPT = 1_000


@dataclass(slots=True)
class Volume:
    """One recipient domain. `mails` counts events, `delivered` those that are known to have arrived."""

    domain: str
    first_ms: int
    last_ms: int
    mails: int = 0
    delivered: int = 0
    senders: set[int] = field(default_factory=set)

    def add(self, event: MailEvent, time_ms: int, *, delivered: bool) -> None:
        """Count an event in."""
        self.mails += 1
        self.delivered += delivered
        self.first_ms, self.last_ms = min(self.first_ms, time_ms), max(self.last_ms, time_ms)
        if len(self.senders) < SENDERS_KEPT:
            self.senders.add(hash(normalise_address(event.sender)))


class Volumes:
    """Every domain written to; when there are too many, the half with the fewest mails is dropped."""

    def __init__(self, kept: int = DOMAINS_KEPT) -> None:
        self._kept = kept
        self.domains: dict[str, Volume] = {}
        self.sending: set[str] = set()
        """The domains that mail came from."""
        self.dropped = 0

    def add_all(self, events: Iterable[MailEvent]) -> None:
        """Count events in; bounces say nothing."""
        for event in events:
            if not event.is_bounce:
                self._add(event)

    def _add(self, event: MailEvent) -> None:
        time_ms = event.time_ms
        if len(self.sending) < self._kept:
            self.sending.add(domain_of(event.sender))
        arrived = _arrived(event)
        for domain in event.domains:
            volume = self.domains.get(domain)
            if volume is None:
                if len(self.domains) >= self._kept:
                    self._drop()
                volume = self.domains[domain] = Volume(domain, time_ms, time_ms)
            volume.add(event, time_ms, delivered=arrived is None or domain in arrived)

    def _drop(self) -> None:
        by_mails = sorted(self.domains.values(), key=lambda volume: volume.mails, reverse=True)
        self.dropped += len(by_mails) - len(by_mails) // 2
        self.domains = {volume.domain: volume for volume in by_mails[: len(by_mails) // 2]}


def _arrived(event: MailEvent) -> set[str] | None:
    """The domains that it was delivered to; None for all of them."""
    if isinstance(event.delivery, dict):
        return {domain_of(address) for address, status in event.delivery.items() if status == "delivered"}
    return None if event.delivery == "delivered" else set()
