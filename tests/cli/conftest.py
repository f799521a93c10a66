"""A pipeline's topics on a broker, and the command line run against them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import orjson
import pytest

from streams import cli
from streams.config import Settings, load_settings
from streams.kafka.embedded import EmbeddedBroker
from streams.kafka.topics.names import TopicNames, topic_names, wanted_topics

Ran = Callable[..., "Outcome"]


@dataclass(frozen=True)
class Outcome:
    """What a command did."""

    status: int
    out: bytes
    err: str

    @property
    def rows(self) -> list[dict[str, object]]:
        """The JSON lines of stdout."""
        return [orjson.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes]) -> Ran:
    """Runs a command line in this process."""

    def run(*arguments: str) -> Outcome:
        capfdbinary.readouterr()
        status = cli.run(list(arguments))
        captured = capfdbinary.readouterr()
        return Outcome(status, captured.out, captured.err.decode())

    return run


@pytest.fixture(scope="module")
def one_broker() -> Iterator[EmbeddedBroker]:
    """Tests keep apart by their topics' prefix."""
    with EmbeddedBroker() as broker:
        yield broker


@pytest.fixture
def environment(one_broker: EmbeddedBroker, prefix: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of a pipeline of this test alone, in the environment too; its topics aren't there yet."""
    monkeypatch.setenv("STRAYMAIL_BROKERS", one_broker.bootstrap)
    monkeypatch.setenv("STRAYMAIL_TOPIC_PREFIX", prefix)
    monkeypatch.setenv("STRAYMAIL_PRIVACY_KEY", "a secret of this test")
    return load_settings()


@pytest.fixture
def pipeline(one_broker: EmbeddedBroker, environment: Settings) -> Settings:
    """The same, with its topics."""
    one_broker.create_topics({topic.name: topic.partitions for topic in wanted_topics(environment)})
    return environment


@pytest.fixture
def names(pipeline: Settings) -> TopicNames:
    return topic_names(pipeline)
