"""What the steps of a mail through Exchange mean for its delivery, in message tracking and in message traces alike.

The names are those of Microsoft's "Message tracking" (docs/sources/exchange.md has the address). A step that isn't
listed is between others (EXPAND, TRANSFER), or about no delivery.
"""

from __future__ import annotations

from streams.events.delivery import Delivery
from streams.events.mail import Direction

EVENTS: dict[str, Delivery] = {
    "receive": "unknown",
    "submit": "unknown",
    "clientsubmission": "unknown",
    "send": "delivered",
    "sendexternal": "delivered",
    "deliver": "delivered",
    "duplicatedeliver": "delivered",
    "fail": "failed",
    "deliverfail": "failed",
    "submitfail": "failed",
    "badmail": "failed",
    "defer": "deferred",
    "submitdefer": "deferred",
    "poisonmessage": "held",
    "drop": "rejected",
    "moderatorreject": "rejected",
    "moderationexpire": "rejected",
}
"""Delivery statuses by the name of a step in lower case."""
DIRECTIONS: dict[str, Direction] = {
    "1": "inbound",
    "incoming": "inbound",
    "2": "outbound",
    "originating": "outbound",
}
