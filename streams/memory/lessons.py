"""What mail teaches, and what doesn't."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from streams import data
from streams.events.addresses import normalise_address
from streams.events.delivery import Delivery
from streams.events.mail import MailEvent
from streams.memory.memory_digests import without_tag

BULK_RECIPIENTS = 50
"""A mail to more is written to a list: it tells of nobody who they are."""
NUMBER_DIGITS = 5
"""A local part of digits alone is a person's number with so many, and a counter or a room with fewer."""
FAILED_AUTHENTICATION = frozenset({"spf-fail", "dkim-fail", "dmarc-fail"})
"""Labels, in lower case, of mail whose sender may be somebody else: it teaches nothing."""
_WORD = re.compile(r"[^-._+\d]+")
PROGRAMS = frozenset(
    [
        "alert",
        "alerts",
        "announce",
        "automailer",
        "bounce",
        "bounces",
        "bulk",
        "daemon",
        "devnull",
        "donotreply",
        "list",
        "lists",
        "listserv",
        "mailer",
        "mailing",
        "mailman",
        "maillist",
        "news",
        "newsletter",
        "newsletters",
        "nobody",
        "noreply",
        "notification",
        "notifications",
        "notify",
        "postmaster",
        "robot",
        "root",
        "subscribe",
        "survey",
        "system",
        "unsubscribe",
        "uucp",
    ]
)
"""Senders, without hyphens and dots, that are no person's and write to many."""
_LIST = re.compile(r"=|^(bounces?|owner|srs[01])[-+]|[-+](bounces?|owner|request|subscribe|unsubscribe)([-+]|$)")
"""Variable envelope senders (VERP, BATV, SRS: each has an equals sign), and the addresses that go with a list."""


class Near(NamedTuple):
    """A canonical domain with the watched one that it is or may be meant for; equal where it is watched itself."""

    domain: str
    intended: str


@dataclass(frozen=True, slots=True)
class LearningPolicy:
    """Whether persons are remembered, and the sources (`source` of events) that never report how delivery ended."""

    persons: bool = True
    silent_sources: frozenset[str] = frozenset()


def may_teach(event: MailEvent, policy: LearningPolicy) -> bool:
    """False for mail of whose delivery nothing is known, most of some feeds: it has no `teaching_recipients`."""
    return event.delivery is not None or event.source in policy.silent_sources


def teaching_recipients(event: MailEvent, policy: LearningPolicy) -> list[str]:
    """The recipients, as written, of whom an event says that the mail was delivered."""
    if failed_authentication(event):
        return []
    delivery = event.delivery
    if delivery == "delivered":
        return event.recipients
    may_be_silent = event.source in policy.silent_sources
    if isinstance(delivery, dict):
        statuses: dict[str, set[Delivery]] = {}
        for address, status in delivery.items():
            statuses.setdefault(normalise_address(address), set()).add(status)
        known = {address for address, some in statuses.items() if _teaches(some, may_be_silent)}
        left = set() if not may_be_silent else set(map(normalise_address, event.recipients)) - statuses.keys()
        return [address for address in event.recipients if normalise_address(address) in known | left]
    return event.recipients if _teaches({delivery or "unknown"}, may_be_silent) else []


def failed_authentication(event: MailEvent) -> bool:
    """Whether the feed says that somebody else may have sent the mail."""
    return bool(event.labels) and not FAILED_AUTHENTICATION.isdisjoint(map(str.lower, event.labels or ()))


def _teaches(statuses: set[Delivery], may_be_silent: bool) -> bool:
    return statuses == {"delivered"} or (may_be_silent and statuses == {"unknown"})


def introduces(sender: str) -> bool:
    """Whether a mail of this sender may tell who somebody is, if it isn't to many: not of a program or a list."""
    local = normalise_address(sender).rpartition("@")[0]
    return bool(local) and not _LIST.search(local) and re.sub(r"[-._]", "", without_tag(local)) not in PROGRAMS


def is_person(local: str) -> bool:
    """Whether a local part, normalised, may be one person's: no role, no list, more than one character; or a number
    of NUMBER_DIGITS. Tag and quotes are no part of it, as in its digest."""
    if ("-" in local or "+" in local or "=" in local) and _LIST.search(local):
        return False
    local = without_tag(local)
    words = _WORD.findall(local)
    together = "".join(words)
    if len(local) < 2 or together in PROGRAMS:
        return False
    if not together:
        return sum(map(str.isdigit, local)) >= NUMBER_DIGITS
    roles = _roles()
    return together not in roles and not (len(words) > 1 and len(words[0]) > 3 and words[0] in roles)


@cache
def _roles() -> frozenset[str]:
    return frozenset(data.rows("role_names.txt"))
