"""A worker whose producer queue holds at most 20 records, and which logs when it is full:
`python -m tests.faults.small_queue_worker`.
"""

from __future__ import annotations

import logging
from typing import Any

from confluent_kafka import Producer as RdKafkaProducer

from streams.cli.worker import worker
from streams.kafka.clients import async_producer

QUEUE_RECORDS = 20
FULL = "the producer's queue is full"
log = logging.getLogger(__name__)


class SmallQueueProducer(RdKafkaProducer):
    """librdkafka's producer, which also logs when its queue is full."""

    def produce(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().produce(*args, **kwargs)
        except BufferError:
            log.warning(FULL)
            raise


if __name__ == "__main__":  # whoever imports this keeps the whole queue
    async_producer.PRODUCER_CONFIG = {**async_producer.PRODUCER_CONFIG, "queue.buffering.max.messages": QUEUE_RECORDS}
    async_producer.RdKafkaProducer = SmallQueueProducer  # type: ignore[attr-defined]
    worker(args=[])
