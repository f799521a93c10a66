"""Pipelines with their own topics on the real Kafka."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.admin import create_topics
from tests.broker.apache import ApacheKafka
from tests.pipeline.mail import WATCHLIST
from tests.pipeline.topics import Topics
from tests.pipeline.worker import WorkerProcess

NewWorker = Callable[..., WorkerProcess]


@pytest.fixture
def pipeline(apache_kafka: ApacheKafka, prefix: str) -> Iterator[Topics]:
    settings = KafkaSettings(brokers=apache_kafka.bootstrap, topic_prefix=prefix)
    create_topics(settings)
    topics = Topics(settings, group=f"{prefix}straymail")
    yield topics
    topics.close()


@pytest.fixture
def watchlist(tmp_path: Path) -> Path:
    path = tmp_path / "watchlist.yaml"
    path.write_text(WATCHLIST)
    return path


@pytest.fixture
def new_worker(pipeline: Topics, watchlist: Path) -> Iterator[NewWorker]:
    """Starts a worker of this pipeline; `new_worker(HISTORY="true")` sets STRAYMAIL_HISTORY. All end with the test."""
    with ExitStack() as workers:

        def start(program: tuple[str, ...] = ("-m", "streams", "worker"), **settings: str) -> WorkerProcess:
            own = {
                "BROKERS": pipeline.settings.brokers,
                "TOPIC_PREFIX": pipeline.settings.topic_prefix,
                "WATCHLIST": str(watchlist),
            }
            return workers.enter_context(WorkerProcess(own | settings, program))

        yield start
