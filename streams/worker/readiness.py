"""Readiness of a worker, with the reason while it isn't ready."""

from __future__ import annotations

from streams.kafka.clients.async_producer import AsyncProducer

NO_BROKER = "no broker can be reached"


class Readiness:
    """A worker is ready when it has joined its group, restored the state of its partitions and can reach a broker."""

    def __init__(self, producer: AsyncProducer) -> None:
        self._producer = producer
        self.restored = False
        """Whether the state of all assigned partitions is in memory."""

    def why_not_ready(self) -> str | None:
        """The reason why the worker isn't ready, for people; None when it is ready."""
        if not self.restored:
            return "joining the consumer group and restoring state"
        return NO_BROKER if self._producer.broker_unreachable else None
