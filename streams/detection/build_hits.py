"""Builds the typo hits of a mail event."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from streams.events.addresses import domain_of, normalise_address
from streams.events.asked import asked_outcome
from streams.events.delivery import Delivery, joined_delivery
from streams.events.hit import HIT_VERSION, RECIPIENTS_KEPT, TypoHit
from streams.events.mail import MailEvent
from streams.events.mistaken_domain import MistakenDomain, joined
from streams.events.privacy import Privacy

SUBJECT_KEPT = 200
"""Characters of a subject that a hit carries."""


class Place(NamedTuple):
    """Where a mail event was read from: partition and offset in mail.events."""

    partition: int
    offset: int


def hit_id(event_id: str, domain: str) -> str:
    """The id of a hit, 32 hex digits: the same each time the event is processed."""
    unambiguous = f"{len(event_id)} {event_id}{domain}"
    return hashlib.blake2b(unambiguous.encode(), digest_size=16).hexdigest()


def hits_of(
    event: MailEvent,
    mistakes: Mapping[str, MistakenDomain],
    privacy: Privacy,
    *,
    domains_over_limit: int = 0,
    place: Place | None = None,
) -> list[TypoHit]:
    """The hits of an event, one for each distinct mistaken domain, sorted by domain.

    `mistakes` has the mistaken domains by `domain_of` of a recipient; a domain that is not in it is not a typo. Two
    spellings of a domain with the same `MistakenDomain.domain` make one hit, of the surer verdict.
    `domains_over_limit` counts those of the event that aren't in `mistakes` because it has too many.
    """
    by_domain: dict[str, set[str]] = defaultdict(set)
    found: dict[str, MistakenDomain] = {}
    for address in event.recipients:
        if mistake := mistakes.get(domain_of(address)):
            found[mistake.domain] = joined(mistake, found.get(mistake.domain, mistake))
            by_domain[mistake.domain].add(normalise_address(address))
    if not found:
        return []
    statuses = _statuses(event)
    build = partial(_hit, event, statuses=statuses, privacy=privacy, over_limit=domains_over_limit, place=place)
    return [build(found[domain], sorted(by_domain[domain])) for domain in sorted(found)]


def _statuses(event: MailEvent) -> dict[str, Delivery]:
    """The delivery status of each recipient (normalised) for which the event has one."""
    if event.delivery is None:
        return {}
    if isinstance(event.delivery, str):
        return dict.fromkeys(map(normalise_address, event.recipients), event.delivery)
    statuses: dict[str, Delivery] = {}
    for address, status in event.delivery.items():
        normalised = normalise_address(address)
        statuses[normalised] = joined_delivery([status, statuses.get(normalised, status)])
    return statuses


def _hit(
    event: MailEvent,
    mistake: MistakenDomain,
    recipients: list[str],
    *,
    statuses: Mapping[str, Delivery],
    privacy: Privacy,
    over_limit: int,
    place: Place | None,
) -> TypoHit:
    masked = sorted({privacy.mask_recipient(address) for address in recipients[:RECIPIENTS_KEPT]})
    subject = privacy.mask_subject(event.subject)
    return TypoHit(
        id=hit_id(event.id, mistake.domain),
        event_id=event.id,
        time=event.time_ms,
        sender=privacy.mask_sender(event.sender),
        domain=mistake.domain,
        intended=mistake.intended,
        recipients=masked,
        recipient_count=len(recipients),
        score=mistake.score,
        certain=mistake.certain,
        slip=mistake.slip,
        explanation=mistake.explanation,
        sender_digest=privacy.digest(event.sender),
        delivery=joined_delivery(statuses.get(address, "unknown") for address in recipients),
        message_id=event.message_id or None,
        labels=event.labels or [],
        size=event.size,
        attachment_count=None if event.attachments is None else len(event.attachments),
        source=event.source,
        subject=None if subject is None else subject[:SUBJECT_KEPT],
        group=mistake.groups[0] if mistake.groups else None,
        listed=mistake.listed,
        domains_over_limit=over_limit,
        version=HIT_VERSION,
        partition=None if place is None else place.partition,
        offset=None if place is None else place.offset,
        memory=mistake.memory,
        asked=asked_outcome(event),
    )
