"""A finding for tests, as a worker would publish it."""

from __future__ import annotations

from typing import Any

from streams.events.finding import FindingState
from streams.events.mistaken_domain import MistakenDomain
from streams.severity import Severity

START_MS = 1_689_552_000_000
DAY_MS = 86_400_000
ARMY = MistakenDomain("army.ml", "army.mil", "omission", "the suffix .mil lost its i", 0.98, certain=True)


def finding(domain: MistakenDomain = ARMY, **changes: Any) -> FindingState:
    """Finding of a desk that sent three mails to the domain in a day; `changes` are fields of the state."""
    fields: dict[str, Any] = {
        "uid": "a1" * 16,
        "correlation_uid": "c1" * 16,
        "rule": "sender-typo-hits",
        "group_by": "sender",
        "counts": "mails",
        "start_ms": START_MS,
        "end_ms": START_MS + DAY_MS,
        "sequence": 1,
        "activity": 1,
        "is_alert": True,
        "severity": Severity.HIGH,
        "window": "open",
        "time_ms": START_MS + 8 * 3_600_000,
        "created_ms": START_MS + 8 * 3_600_000,
        "first_seen_ms": START_MS + 6 * 3_600_000,
        "last_seen_ms": START_MS + 8 * 3_600_000,
        "count": 3,
        "peak": 3,
        "delivered_count": 3,
        "domain_count": 1,
        "delivery": {"delivered": 3},
        "domains": [domain],
        "sender": "desk@mod.gov.uk",
    }
    return FindingState(**(fields | changes))
