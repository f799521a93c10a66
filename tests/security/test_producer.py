"""The one producer when its login may not write."""

from __future__ import annotations

import asyncio

import pytest

from streams.config import load_settings
from streams.errors import BrokerError
from streams.kafka.clients.async_producer import Producer
from streams.kafka.security import librdkafka_config
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.names import topic_names
from tests.security.rights import Right, Rights


@pytest.mark.timeout(240)
def test_a_fatal_error_is_a_failure(
    rights: Rights, admin: KafkaSettings, login: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """librdkafka raises it where reports are served: it must not end that thread and leave everybody waiting."""
    rights.give([Right("DESCRIBE", "events")])
    for name, value in login.items():
        monkeypatch.setenv(f"STRAYMAIL_{name}", value)
    topic = topic_names(admin).events

    async def work() -> None:
        producer = Producer({**librdkafka_config(load_settings()), "log_level": 0})
        producer.start()
        delivery = producer.delivery()
        await producer.send(topic, b"x", delivery=delivery)
        with pytest.raises(BrokerError, match="grant WRITE"):
            await asyncio.wait_for(delivery.wait(), 120)
        with pytest.raises(BrokerError, match="grant WRITE"):
            await producer.send(topic, b"x", delivery=delivery)
        assert not await producer.stop(0.1)

    asyncio.run(work())
