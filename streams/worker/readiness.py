"""Whether a worker is ready, and if not, why."""

from __future__ import annotations

from streams.kafka.clients.async_producer import AsyncProducer


class Readiness:
    """A worker is ready when it has joined its group and restored the state of its partitions, even if it has none."""

    def __init__(self, producer: AsyncProducer) -> None:
        self._producer = producer
        self.restored = False
        """Whether the state of the present assignment is in memory."""

    def why_not(self) -> str | None:
        """The reason in a sentence; None for a worker that is ready."""
        if not self.restored:
            return "joining the group and loading what it counts"
        return "no broker can be reached" if self._producer.broker_away else None
