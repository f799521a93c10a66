"""Records that can't be read go to mail.dead-letters, with their bytes, their place and the reason; none is dropped."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from streams.errors import UnreadableRecord
from streams.events.dead_letter import DeadLetter
from streams.kafka.batch import Batch
from streams.kafka.producer import Delivery, Producer
from streams.metrics import Metrics

log = logging.getLogger(__name__)


class DeadLetters:
    """Sends dead letters to one topic. What the broker finds too large is cut, and the letter's headers say so."""

    def __init__(
        self, producer: Producer, topic: str, *, encode: Callable[[DeadLetter], Any], max_bytes: int, metrics: Metrics
    ) -> None:
        self._producer, self._topic = producer, topic
        self._metrics = metrics
