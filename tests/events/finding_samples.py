"""Published findings for tests."""

from typing import Any

from streams.events.finding import CREATE, Evidence, FindingState
from streams.events.mistaken_domain import MistakenDomain
from streams.severity import Severity

MONDAY_MS = 1_782_691_200_000
DAY_MS = 86_400_000


def mistaken(domain: str = "army.ml", intended: str = "army.mil", **given: Any) -> MistakenDomain:
    """A mistaken domain of a certain slip."""
    fields: dict[str, Any] = {
        "slip": "suffix-omission",
        "explanation": f"{domain} is {intended} without a letter of its suffix",
        "score": 0.97,
        "certain": True,
    }
    return MistakenDomain(domain, intended, **{**fields, **given})


def finding(**given: Any) -> FindingState:
    """Three mails of desk7@mod.gov.uk to army.ml on one day, one of which was delivered."""
    count = given.get("count", 3)
    fields: dict[str, Any] = {
        "uid": "00112233445566778899aabbccddeeff",
        "correlation_uid": "ffeeddccbbaa99887766554433221100",
        "rule": "sender-typo-hits",
        "group_by": "sender",
        "counts": "mails",
        "start_ms": MONDAY_MS,
        "end_ms": MONDAY_MS + DAY_MS,
        "sequence": 1,
        "activity": CREATE,
        "is_alert": True,
        "severity": Severity.MEDIUM,
        "window": "open",
        "time_ms": MONDAY_MS + 7_200_000,
        "created_ms": MONDAY_MS + 3_600_000,
        "first_seen_ms": MONDAY_MS + 3_600_000,
        "last_seen_ms": MONDAY_MS + 7_200_000,
        "count": count,
        "peak": count,
        "delivered_count": 1,
        "domain_count": len(given.get("domains", [None])),
        "delivery": {"unknown": 2, "delivered": 1},
        "domains": [mistaken()],
        "sender": "desk7@mod.gov.uk",
        "evidences": [
            Evidence("desk7@mod.gov.uk", ["col.smith@army.ml"], "<1@mod.gov.uk>", 2_048, None, MONDAY_MS, "held")
        ],
    }
    return FindingState(**{**fields, **given})
