"""Mail events for tests."""

import json
from typing import Any

from streams.events.mail import MailEvent, decode

NOW_MS = 1_700_000_000_000


def fields(**changed: Any) -> dict[str, Any]:
    """A complete event as plain fields; a field changed to `...` is left out."""
    whole: dict[str, Any] = {
        "id": "e1",
        "time": "2023-07-17T08:00:00.123Z",
        "sender": "Jo@mod.example",
        "recipients": ["a@army.ml", "b@army.mil"],
        "message_id": "<m1@mod.example>",
        "delivery": "delivered",
        "subject": "Itinerary",
        "size": 2048,
        "attachments": [{"name": "plan.pdf", "size": 1024}],
        "direction": "outbound",
        "source": "postfix",
        "labels": ["protect"],
    }
    return {name: value for name, value in (whole | changed).items() if value is not ...}


def value(**changed: Any) -> bytes:
    return json.dumps(fields(**changed)).encode()


def event(**changed: Any) -> MailEvent:
    return decode(value(**changed), now_ms=NOW_MS)
