"""An attempt to deliver a mail to one recipient, as a mail server's log has it."""

from __future__ import annotations

from typing import NamedTuple

from streams.events.delivery import Delivery


class DeliveryAttempt(NamedTuple):
    """What became of one recipient. `queue_id` is that of the server that took the mail; None where none is named."""

    recipient: str
    status: Delivery
    queue_id: str | None
