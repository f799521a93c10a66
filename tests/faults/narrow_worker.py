"""A worker whose producer holds 20 records at most, and that says in its log when it was full:
`python -m tests.faults.narrow_worker`.
"""

from __future__ import annotations

import logging
from typing import Any

from confluent_kafka import Producer as RdKafkaProducer

from streams.cli.worker import worker
from streams.kafka.clients import async_producer

HOLDS = 20
FULL = "the producer's queue is full"
log = logging.getLogger(__name__)


class Narrow(RdKafkaProducer):
    """librdkafka's own, with a word to the log."""

    def produce(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().produce(*args, **kwargs)
        except BufferError:
            log.warning(FULL)
            raise


async_producer.PRODUCER_CONFIG = {**async_producer.PRODUCER_CONFIG, "queue.buffering.max.messages": HOLDS}
async_producer.RdKafkaProducer = Narrow  # type: ignore[attr-defined]

if __name__ == "__main__":
    worker(args=[])
