"""A real Kafka with the pipeline's topics, and streams published on it to be read again and again."""

from __future__ import annotations

import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path

from confluent_kafka.admin import AdminClient

from bench.stream import WATCHLIST, publish
from streams.kafka.settings import KafkaSettings, TopicSettings
from streams.kafka.topics.admin import create_topics
from streams.kafka.topics.names import topic_names
from tests.broker.apache import ApacheKafka
from tests.pipeline.topics import Topics
from tests.pipeline.worker import wait_until

PARTITIONS = 8
SINK = "bench.hits"
"""Where the peers publish their hits."""


@dataclass(frozen=True)
class Stream:
    """A stream that is published, and the pipeline of topics around it."""

    settings: KafkaSettings
    watchlist: Path
    count: int

    @property
    def events(self) -> str:
        return topic_names(self.settings).events

    def group(self) -> str:
        """A consumer group that has read nothing yet."""
        return f"bench-{uuid.uuid4().hex[:8]}"

    def topics(self, group: str) -> Topics:
        """The topics, and how far the worker has come whose setting `group` is this; close them."""
        return Topics(self.settings, self.settings.topic_prefix + group)

    def renew(self) -> None:
        """Take away all that an earlier worker has written, so that each reading begins with the same."""
        admin = AdminClient({"bootstrap.servers": self.settings.brokers, "log_level": 0})
        written = set(astuple(topic_names(self.settings))) - {self.events}
        there = written & set(admin.list_topics(timeout=10).topics)
        if there:
            for future in admin.delete_topics(list(there)).values():
                future.result()
            gone = lambda: not there & set(admin.list_topics(timeout=10).topics)  # noqa: E731
            wait_until(gone, seconds=30, what="the topics are gone")
        create_topics(self.settings)


@contextmanager
def cluster() -> Iterator[tuple[ApacheKafka, Path]]:
    """A broker with a topic for the peers' hits, and a folder."""
    with ApacheKafka() as kafka, tempfile.TemporaryDirectory(prefix="straymail-bench-") as folder:
        kafka.create_topics({SINK: PARTITIONS})
        yield kafka, Path(folder)


def published(
    kafka: ApacheKafka, folder: Path, values: Iterator[bytes], *, prefix: str = "", watchlist: str = WATCHLIST
) -> Stream:
    """Publish a stream under a prefix of its own."""
    settings = KafkaSettings(
        brokers=kafka.bootstrap,
        topic_prefix=prefix,
        topics=TopicSettings(events_partitions=PARTITIONS, events_days=3_650, hits_days=3_650),
    )
    create_topics(settings)
    path = folder / f"watchlist{time.monotonic_ns()}.yaml"
    path.write_text(watchlist)
    return Stream(settings, path, publish(kafka.bootstrap, topic_names(settings).events, values))
