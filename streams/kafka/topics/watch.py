"""Topics that are deleted while a worker runs: it would find nothing to read in them, and look well."""

from __future__ import annotations

from collections.abc import Iterable

from streams.errors import BrokerError
from streams.kafka.clients.async_producer import AsyncProducer

CHECK_SECONDS = 15.0


class TopicWatch:
    """Looks whether the topics are still there. A broker that starts may not know them yet, so one look isn't
    believed."""

    def __init__(self, producer: AsyncProducer, topics: Iterable[str]) -> None:
        self._producer, self._topics = producer, frozenset(topics)
        self._missing: frozenset[str] = frozenset()

    async def check(self) -> None:
        """Look once. Raises BrokerError for a topic that was missing at two looks."""
        missing = await self._producer.missing(self._topics)
        gone = missing & self._missing
        if gone:
            raise BrokerError(f"topic {min(gone)} is gone: make it anew with `straymail topics create`")
        self._missing = missing
