"""The producer of a worker whose login may not write."""

from __future__ import annotations

import asyncio

import pytest

from streams.config import load_settings
from streams.errors import BrokerError
from streams.kafka.clients.async_producer import AsyncProducer
from streams.kafka.security import librdkafka_config
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.names import topic_names
from tests.security.acls import Acl, Acls


@pytest.mark.timeout(240)
def test_a_fatal_error_is_a_failure(
    acls: Acls, admin: KafkaSettings, login: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """librdkafka raises it in the polling thread, which must not end and leave all waiters waiting."""
    acls.grant([Acl("DESCRIBE", "events")])
    for name, value in login.items():
        monkeypatch.setenv(f"STRAYMAIL_{name}", value)
    topic = topic_names(admin).events

    async def work() -> None:
        producer = AsyncProducer({**librdkafka_config(load_settings()), "log_level": 0})
        producer.start()
        pending = producer.pending_acks()
        await producer.send(topic, b"x", pending=pending)
        with pytest.raises(BrokerError, match="grant WRITE"):
            await asyncio.wait_for(pending.wait(), 120)
        with pytest.raises(BrokerError, match="grant WRITE"):
            await producer.send(topic, b"x", pending=pending)
        assert not await producer.stop(0.1)

    asyncio.run(work())
