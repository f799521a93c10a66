"""Fixtures: the topics of a pipeline on a broker, and the command line run against them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

from streams import cli
from streams.config import Settings, load_settings
from streams.kafka.embedded import EmbeddedBroker
from streams.kafka.topics.names import TopicNames, topic_names, wanted_topics
from tests.backtest.history import events
from tests.broker.embedded import embedded_broker

RunCommand = Callable[..., "CommandResult"]


@dataclass(frozen=True)
class CommandResult:
    """Exit code and output of a command."""

    exit_code: int
    out: bytes
    err: str

    @property
    def rows(self) -> list[dict[str, object]]:
        """The JSON lines of stdout."""
        return [orjson.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes]) -> RunCommand:
    """Function that runs a command line in this process."""

    def run(*arguments: str) -> CommandResult:
        capfdbinary.readouterr()
        exit_code = cli.run(list(arguments))
        captured = capfdbinary.readouterr()
        return CommandResult(exit_code, captured.out, captured.err.decode())

    return run


@pytest.fixture
def terminal(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets this process take stdout for a terminal of 120 columns, without colours."""
    for name, value in {"COLUMNS": "120", "LINES": "50", "TERM": "dumb"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda _: True, raising=False)


@pytest.fixture(scope="module")
def one_broker() -> Iterator[EmbeddedBroker]:
    """Broker shared by the tests of a module, each of which has its own topic prefix."""
    with embedded_broker() as broker:
        yield broker


@pytest.fixture
def environment(one_broker: EmbeddedBroker, prefix: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a pipeline for this test alone, also set in the environment. Its topics don't exist."""
    monkeypatch.setenv("STRAYMAIL_BROKERS", one_broker.bootstrap)
    monkeypatch.setenv("STRAYMAIL_TOPIC_PREFIX", prefix)
    monkeypatch.setenv("STRAYMAIL_PRIVACY_KEY", "a secret of this test")
    return load_settings()


@pytest.fixture
def pipeline(one_broker: EmbeddedBroker, environment: Settings) -> Settings:
    """Settings of a pipeline for this test alone, whose topics exist."""
    one_broker.create_topics({topic.name: topic.partitions for topic in wanted_topics(environment)})
    return environment


@pytest.fixture
def names(pipeline: Settings) -> TopicNames:
    return topic_names(pipeline)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """File of a year of mail events with slips."""
    path = tmp_path_factory.mktemp("history") / "events.jsonl"
    path.write_bytes(b"".join(orjson.dumps(event) + b"\n" for event in events(10_000, slips=0.006)))
    return path


@pytest.fixture
def watchlist(tmp_path: Path) -> Path:
    """Watchlist file for the mail of `history`."""
    path = tmp_path / "watchlist.yaml"
    path.write_text("watched: ['*.mil', nato.int]\nmistakes: {army.ml: army.mil}\n")
    return path
