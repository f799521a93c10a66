"""Counts mails, senders and first and last day by recipient domain, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from streams.detection.recall import ESTABLISHED_DAYS, ESTABLISHED_SPAN, SEVERAL
from streams.domains.own_domains import OwnDomains
from streams.events.addresses import domain_of, normalise_address
from streams.events.mail import MailEvent
from streams.memory.lessons import failed_authentication
from streams.memory.memory import DAY_MS

MAX_DOMAINS = 200_000
MAX_SENDERS = 1_000
MAX_PERSONS = 20
MAX_DAYS = 60
"""The most persons there, and days in each direction, that are told apart."""


@dataclass(slots=True)
class Volume:
    """Volume of one domain. `mails` counts events to it, `delivered` those known to be delivered, `received` events
    from there to own domains. `days_out` are days with mail that may have arrived, `days_in` days with mail from there
    to own domains that didn't fail authentication, both UTC and since the epoch; `persons` are those there."""

    domain: str
    first_ms: int
    last_ms: int
    mails: int = 0
    delivered: int = 0
    received: int = 0
    senders: set[int] = field(default_factory=set)
    persons: set[int] = field(default_factory=set)
    days_out: set[int] = field(default_factory=set)
    days_in: set[int] = field(default_factory=set)

    def add(self, event: MailEvent, time_ms: int, *, delivered: bool) -> None:
        """Count an event."""
        self.mails += 1
        self.delivered += delivered
        self.first_ms, self.last_ms = min(self.first_ms, time_ms), max(self.last_ms, time_ms)
        if len(self.senders) < MAX_SENDERS:
            self.senders.add(hash(normalise_address(event.sender)))
        if delivered or event.delivery is None:
            _add(self.days_out, time_ms // DAY_MS, MAX_DAYS)
            for address in event.recipients if len(self.persons) < MAX_PERSONS else ():
                if domain_of(address) == self.domain:
                    _add(self.persons, hash(normalise_address(address)), MAX_PERSONS)

    def add_received(self, event: MailEvent, time_ms: int) -> None:
        """Count an event from there to an own domain."""
        self.received += 1
        if not failed_authentication(event):
            _add(self.days_in, time_ms // DAY_MS, MAX_DAYS)
            _add(self.persons, hash(normalise_address(event.sender)), MAX_PERSONS)

    @property
    def is_established(self) -> bool:
        """Whether mail goes both ways over weeks, between several people on both sides, as the memory judges it."""
        several = min(len(self.senders), len(self.persons)) >= SEVERAL
        return several and all(map(_are_over_weeks, (self.days_out, self.days_in)))


def _add(few: set[int], one: int, most: int) -> None:
    if len(few) < most:
        few.add(one)


def _are_over_weeks(days: set[int]) -> bool:
    return len(days) >= ESTABLISHED_DAYS and max(days) - min(days) >= ESTABLISHED_SPAN - 1


class Volumes:
    """Volumes of all domains that mail goes to, or comes from to an own one. When there are too many, the half with the
    fewest mails is dropped."""

    def __init__(self, own: OwnDomains | None = None, max_domains: int = MAX_DOMAINS) -> None:
        self._own, self._max_domains = own or OwnDomains(()), max_domains
        self._is_own = lru_cache(MAX_DOMAINS)(self._own.__contains__)
        self.domains: dict[str, Volume] = {}
        self.sending: set[str] = set()
        """Sender domains."""
        self.dropped = 0
        self.has_received = False
        """Whether the mail has any from elsewhere to an own domain: then a domain without some never answered."""

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
            delivered = delivered_to is None or domain in delivered_to
            self._volume(domain, time_ms).add(event, time_ms, delivered=delivered)
        if self._own and not self._is_own(domain_of(event.sender)) and any(map(self._is_own, event.domains)):
            self._volume(domain_of(event.sender), time_ms).add_received(event, time_ms)
            self.has_received = True

    def _volume(self, domain: str, time_ms: int) -> Volume:
        volume = self.domains.get(domain)
        if volume is None:
            if len(self.domains) >= self._max_domains:
                self._drop()
            volume = self.domains[domain] = Volume(domain, time_ms, time_ms)
        return volume

    def _drop(self) -> None:
        by_mails = sorted(self.domains.values(), key=lambda volume: volume.mails, reverse=True)
        self.dropped += len(by_mails) - len(by_mails) // 2
        self.domains = {volume.domain: volume for volume in by_mails[: len(by_mails) // 2]}


def _delivered_to(event: MailEvent) -> set[str] | None:
    """Domains that the mail was delivered to; None for all of them."""
    if isinstance(event.delivery, dict):
        return {domain_of(address) for address, status in event.delivery.items() if status == "delivered"}
    return None if event.delivery == "delivered" else set()
