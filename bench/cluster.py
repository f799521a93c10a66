"""A real Kafka with the pipeline's topics, and published streams that readers can read repeatedly."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from functools import cached_property
from pathlib import Path

from confluent_kafka.admin import AdminClient

from bench.stream import WATCHLIST, domains, publish
from streams.events.hit import TypoHit
from streams.kafka.clients.read import read_to_end
from streams.kafka.settings import KafkaSettings, TopicSettings
from streams.kafka.topics.admin import create_topics
from streams.kafka.topics.names import topic_names
from tests.broker.apache import ApacheKafka
from tests.pipeline.mail import expected_hits
from tests.pipeline.topics import Topics
from tests.pipeline.worker import wait_until

PARTITIONS = 8
SINK = "bench.hits"
"""The topic to which the peers publish their hits."""


@dataclass(frozen=True)
class Stream:
    """A published stream of `count` mail events, with the settings of its topics."""

    settings: KafkaSettings
    watchlist: Path
    count: int

    @property
    def events(self) -> str:
        return topic_names(self.settings).events

    @cached_property
    def expected(self) -> list[TypoHit]:
        """The hits that a plain loop finds in it."""
        return expected_hits(record.value or b"" for record in read_to_end(self.settings, self.events))

    @cached_property
    def verdicts(self) -> Path:
        """A file of the verdicts on all of its domains, by `straymail score`; those of `bench.stream.events` alone."""
        path = self.watchlist.with_suffix(".verdicts")
        command = [sys.executable, "-m", "streams", "score", "--watchlist", str(self.watchlist), "-"]
        with path.open("wb") as file:
            subprocess.run(command, input="\n".join(domains()).encode(), stdout=file, check=True)
        return path

    def group(self) -> str:
        """A new consumer group."""
        return f"bench-{uuid.uuid4().hex[:8]}"

    def topics(self, group: str) -> Topics:
        """The topics, and the offsets committed by the worker whose setting `group` is this. The caller closes them."""
        return Topics(self.settings, self.settings.topic_prefix + group)

    def renew(self) -> None:
        """Delete everything that an earlier worker wrote, so that each run starts the same."""
        admin = AdminClient({"bootstrap.servers": self.settings.brokers, "log_level": 0})
        written = set(astuple(topic_names(self.settings))) - {self.events}
        existing = written & set(admin.list_topics(timeout=10).topics)
        if existing:
            for future in admin.delete_topics(list(existing)).values():
                future.result()
            deleted = lambda: not existing & set(admin.list_topics(timeout=10).topics)  # noqa: E731
            wait_until(deleted, seconds=30, what="the topics are deleted")
        create_topics(self.settings)


@contextmanager
def cluster() -> Iterator[tuple[ApacheKafka, Path]]:
    """A broker with a topic for the peers' hits, and a temporary folder."""
    with ApacheKafka() as kafka, tempfile.TemporaryDirectory(prefix="straymail-bench-") as folder:
        kafka.create_topics({SINK: PARTITIONS})
        yield kafka, Path(folder)


def published(
    kafka: ApacheKafka, folder: Path, values: Iterator[bytes], *, prefix: str = "", watchlist: str = WATCHLIST
) -> Stream:
    """Create topics with this prefix, and publish a stream of values to the topic of mail events."""
    settings = KafkaSettings(
        brokers=kafka.bootstrap,
        topic_prefix=prefix,
        topics=TopicSettings(events_partitions=PARTITIONS, events_days=3_650, hits_days=3_650),
    )
    create_topics(settings)
    path = folder / f"watchlist{time.monotonic_ns()}.yaml"
    path.write_text(watchlist)
    return Stream(settings, path, publish(kafka.bootstrap, topic_names(settings).events, values))
