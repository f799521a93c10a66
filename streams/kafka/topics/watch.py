"""Detects topics that are deleted while a worker runs: it would read nothing more from them, and appear healthy."""

from __future__ import annotations

from collections.abc import Iterable

from streams.errors import BrokerError
from streams.kafka.clients.async_producer import AsyncProducer

CHECK_SECONDS = 15.0


class TopicWatch:
    """Checks whether the topics still exist. A broker that is starting may not know them yet, so one check isn't
    enough."""

    def __init__(self, producer: AsyncProducer, topics: Iterable[str]) -> None:
        self._producer, self._topics = producer, frozenset(topics)
        self._missing: frozenset[str] = frozenset()

    async def check(self) -> None:
        """Check once. Raises BrokerError for a topic that is missing in two checks in a row."""
        missing = await self._producer.missing(self._topics)
        deleted = missing & self._missing
        if deleted:
            raise BrokerError(f"topic {min(deleted)} was deleted: create it again with `straymail topics create`")
        self._missing = missing
