"""A stream engine that does the whole job on a stream: hits, counts by sender and by domain, an alert for each change.

Its program gets the arguments BROKERS EVENTS NAME WATCHLIST VERDICTS FOLDER, publishes to the topics NAME.hits and
NAME.alerts, and runs until it is killed. With its first event it prints the CPU seconds that it had used by then.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self

import orjson
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from bench.cluster import PARTITIONS, Stream
from streams.kafka.clients.read import KafkaRecord
from tests.broker.jars import KAFKA_VERSION
from tests.cache import UnavailableError, cached
from tests.maven import MavenJars
from tests.pipeline.worker import wait_until

ROOT = Path(__file__).parents[1]
JAVA = ROOT / "bench" / "peers" / "kafka_streams"
ALERTS_PER_HIT = 2
"""A hit changes a count by sender and one by domain."""
OUTPUT = {"message.timestamp.type": "LogAppendTime"}
"""When a record was published: engines give it the time of the mail, by which their windows go."""
CHANGELOG = {"cleanup.policy": "compact"}
TOPICS: dict[str, dict[str, str]] = {
    ".hits": OUTPUT,
    ".alerts": OUTPUT,
    ".by-sender": {},
    ".by-domain": {},
    "-table-by-sender-changelog": CHANGELOG,
    "-table-by-domain-changelog": CHANGELOG,
}
"""The ends of the names of the topics that are made for an engine, with their settings. Those after the alerts are of
Faust, which begins to read before the topics exist that it makes; the other engines make theirs themselves."""
ANSWER_S = 30


def python_engine(module: str, python: str = sys.executable) -> list[str]:
    """The command of an engine in Python."""
    return [python, "-m", f"bench.peers.{module}"]


def kafka_streams() -> list[str]:
    """The command of the one on Kafka Streams, compiled where it isn't yet; raises UnavailableError."""
    sources = sorted(JAVA.glob("*.java"))
    jars = MavenJars("Kafka Streams'", JAVA / "pom.xml", KAFKA_VERSION, name="kafka")
    libraries = f"{jars.folder()}/*"
    digest = sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:8]

    def compile_into(folder: Path) -> None:
        if shutil.which("javac") is None:
            raise UnavailableError("no javac on the path: install a Java development kit (openjdk-17-jdk-headless)")
        subprocess.run(["javac", "-d", str(folder), "-cp", libraries, *map(str, sources)], check=True)

    classes = cached(f"bench-streams-{KAFKA_VERSION}-{digest}", compile_into)
    return ["java", "-Xmx512m", "-cp", f"{classes}:{libraries}", "Slips"]


class Engine:
    """The process of an engine, which may be killed and started again; its state and its topics end with the `with`."""

    def __init__(self, stream: Stream, command: Sequence[str]) -> None:
        self.stream, self.name = stream, stream.group()
        self._command = command
        self._folder = tempfile.TemporaryDirectory(prefix="straymail-engine-")
        self._process: subprocess.Popen[bytes] | None = None
        self._admin = AdminClient({"bootstrap.servers": stream.settings.brokers, "log_level": 0})
        self._topics = stream.topics(self.name)

    def __enter__(self) -> Self:
        topics = [NewTopic(self.name + end, PARTITIONS, config=config) for end, config in TOPICS.items()]
        for future in self._admin.create_topics(topics).values():
            future.result()
        made = {topic.topic for topic in topics}
        known = lambda: made <= self._admin.list_topics(timeout=ANSWER_S).topics.keys()  # noqa: E731
        wait_until(known, seconds=ANSWER_S, what="the broker knows the new topics")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self._topics.close()
        own = [topic for topic in self._admin.list_topics(timeout=ANSWER_S).topics if self.name in topic]
        for future in self._admin.delete_topics(own).values():
            future.result()
        self._folder.cleanup()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def _printed(self) -> Path:
        return Path(self._folder.name) / "printed"

    @property
    def cpu_seconds_before(self) -> float:
        """The CPU seconds that it had used before its first event."""
        lines = self._printed.read_bytes().splitlines()
        return float(orjson.loads(next(line for line in lines if line.startswith(b'{"cpu_seconds"')))["cpu_seconds"])

    def start(self) -> None:
        """Start it, with the state that it had."""
        stream, state = self.stream, Path(self._folder.name) / "state"
        state.mkdir(exist_ok=True)
        own = (
            stream.settings.brokers,
            stream.events,
            self.name,
            str(stream.watchlist),
            str(stream.verdicts),
            str(state),
        )
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with self._printed.open("wb") as printed:
            self._process = subprocess.Popen([*self._command, *own], stdout=printed, env=environment, cwd=ROOT)

    def kill(self) -> None:
        """SIGKILL, unless it has ended."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def hits_published(self) -> int:
        """The number of its hits in Kafka."""
        return self._end(f"{self.name}.hits")

    def alerts_published(self) -> int:
        """The number of its alerts in Kafka."""
        return self._end(f"{self.name}.alerts")

    def _end(self, topic: str) -> int:
        assert self._process is not None
        assert self._process.poll() is None, f"{self._command} has ended"
        return sum(self._topics.ends(topic).values())

    def hits(self) -> Iterator[KafkaRecord]:
        """The records of its hits."""
        return self._topics.read(f"{self.name}.hits")

    def alerts(self) -> Iterator[KafkaRecord]:
        """The records of its alerts."""
        return self._topics.read(f"{self.name}.alerts")
