"""Where the first run of `straymail notify --send` begins to read."""

from __future__ import annotations

from streams.cli.shared.topics import start_of
from streams.config import Settings
from streams.kafka.clients.consumer import PlainConsumer
from streams.kafka.topics.names import topic_names

BROKER_TIMEOUT_S = 15.0


def first_offsets(settings: Settings, since: int | None) -> dict[int, int]:
    """The offset of each partition of mail.alerts: the end, or what was published since (ms since the epoch)."""
    with PlainConsumer(settings, topic_names(settings).alerts, BROKER_TIMEOUT_S) as consumer:
        return consumer.offsets(consumer.partitions(), "end" if since is None else start_of(since))
