"""Sample findings and hits, as the workers would publish them."""

from __future__ import annotations

from typing import Any

from streams.console.stored_finding import StoredFinding, finding_of
from streams.events.alert import encode_alert
from streams.events.finding import Evidence, FindingState
from streams.events.hit import TypoHit
from streams.events.mistaken_domain import MistakenDomain
from streams.severity import Severity
from tests.cli.finding import START_MS, finding

NOW_MS = START_MS + 12 * 3_600_000
UIDS = ("a1" * 16, "b2" * 16, "c3" * 16, "d4" * 16)


def found(**changes: Any) -> StoredFinding:
    """A finding as the console stores it; `changes` are fields of the state."""
    return finding_of(encode_alert(finding(**changes)))


def one_of_many(number: int, sequence: int, last_seen_ms: int) -> FindingState:
    """A different finding for each number, with a mail in each state."""
    unit = f"unit{number % 997}"
    sender = f"first.last{number}@mod.gov.uk"
    return finding(
        domain=MistakenDomain(f"{unit}.army.ml", f"{unit}.army.mil", "omission", "x", 0.9, certain=True),
        uid=f"{number:08x}" * 4,
        sequence=sequence,
        count=sequence,
        severity=Severity(1 + number % 4),
        sender=sender,
        last_seen_ms=last_seen_ms,
        evidences=[Evidence(sender, [f"ops@{unit}.army.ml"], f"<{number}.{sequence}@mod.gov.uk>", 4096)],
    )


def hit(mail: str, delivery: str = "delivered", **changes: Any) -> TypoHit:
    """A hit that the sample finding counts."""
    fields: dict[str, Any] = {
        "id": f"h-{mail}-{delivery}",
        "event_id": f"e-{mail}",
        "message_id": f"<{mail}@mod.gov.uk>",
        "time": START_MS + 7 * 3_600_000,
        "sender": "desk@mod.gov.uk",
        "domain": "army.ml",
        "intended": "army.mil",
        "recipients": ["ops@army.ml"],
        "recipient_count": 1,
        "score": 0.98,
        "certain": True,
        "slip": "suffix-omission",
        "explanation": "the suffix .mil lost its i",
        "sender_digest": "0" * 32,
        "delivery": delivery,
    }
    return TypoHit(**(fields | changes))
