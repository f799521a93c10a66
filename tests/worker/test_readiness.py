"""When a worker is ready, and what it says when it isn't."""

from __future__ import annotations

import pytest

from streams.kafka.clients.async_producer import AsyncProducer
from streams.worker.readiness import Readiness


@pytest.mark.parametrize(
    ("restored", "broker_away", "why_not"),
    [
        (True, False, None),
        (True, True, "no broker can be reached"),
        (False, False, "joining the consumer group and restoring state"),
        (False, True, "joining the consumer group and restoring state"),
    ],
)
def test_a_worker_is_ready_with_its_state_in_memory_and_a_broker(
    restored: bool, broker_away: bool, why_not: str | None
) -> None:
    producer = AsyncProducer({"bootstrap.servers": "127.0.0.1:1", "log_level": 0})
    readiness = Readiness(producer)
    assert not readiness.restored
    readiness.restored, producer.broker_unreachable = restored, broker_away
    assert readiness.why_not_ready() == why_not
