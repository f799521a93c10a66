"""An embedded broker for tests, to which producers write at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import pytest

from streams.kafka.clients.async_producer import PRODUCER_CONFIG
from streams.kafka.embedded import EmbeddedBroker


@contextmanager
def embedded_broker() -> Iterator[EmbeddedBroker]:
    """A broker; producers that begin inside aren't idempotent.

    librdkafka asks for an idempotent producer's id each half second until it has a connection: every other test waited
    for nothing else. What idempotence is for is tested on a real Kafka.
    """
    with pytest.MonkeyPatch.context() as patch, EmbeddedBroker() as broker:
        patch.setitem(cast("dict[str, Any]", PRODUCER_CONFIG), "enable.idempotence", False)
        yield broker
