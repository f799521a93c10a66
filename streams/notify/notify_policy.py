"""Decides whether a finding's sender is notified, and if not, why."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from streams.domains.own_domains import OwnDomains
from streams.errors import ConfigurationError
from streams.events.addresses import domain_of
from streams.events.alert_view import AlertView
from streams.notify.settings import NotifySettings
from streams.severity import SEVERITIES, Severity

HOUR_MS = 3_600_000
_PLAIN = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9.-]{1,253}")
_UNATTENDED = re.compile(
    r"(?:mailer-daemon|postmaster|abuse|root|no-?reply|do-?not-?reply|bounces?|owner-.*|.*-owner|.*-request|.*-bounces?"
    r"|hmac-[0-9a-f]{32})@.*"
)
"""Addresses that no person reads (RFC 3834, 2), and masked ones."""


@dataclass(frozen=True, slots=True)
class NotifyPolicy:
    """Whose findings are notified: senders at own domains, from `severity` up, whose last mail is not older than
    `max_age_ms`."""

    own_domains: OwnDomains
    severity: Severity
    max_age_ms: int

    def reason_to_skip(self, view: AlertView, now_ms: int) -> str | None:
        """The reason to skip the finding; None where its sender is to be notified."""
        if view.group_by != "sender" or not view.sender:
            return "it has no single sender"
        if view.activity == "close":
            return "it was withdrawn"
        if not view.domains:
            return "it names no domain"
        if not view.count:
            return "the gate has asked its sender"
        if view.severity < self.severity:
            return "its severity is too low"
        if now_ms - view.last_seen_ms > self.max_age_ms:
            return "its last mail is too old"
        if not _PLAIN.fullmatch(view.sender) or _UNATTENDED.fullmatch(view.sender):
            return "nobody reads mail at its sender's address"
        return None if domain_of(view.sender) in self.own_domains else "its sender is not at an own domain"


def policy_of(settings: NotifySettings, own_domains: Iterable[str]) -> NotifyPolicy:
    """The policy that the settings define. Raises ConfigurationError where own_domains is empty or invalid."""
    own = OwnDomains(own_domains)
    if not own:
        raise ConfigurationError(
            "own_domains is empty: name this organisation's domains, since only their senders are notified"
        )
    return NotifyPolicy(own, SEVERITIES[settings.severity], settings.max_age_hours * HOUR_MS)
