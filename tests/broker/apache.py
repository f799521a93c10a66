"""A real Apache Kafka broker (KRaft, broker and controller in one) as a child process; no containers.

    with ApacheKafka() as kafka:
        kafka.create_topics({"some-topic": 8})
        Producer({"bootstrap.servers": kafka.bootstrap})

`python -m tests.broker.apache` prints an address and serves until SIGINT or SIGTERM.
"""

from __future__ import annotations

import base64
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from tests.broker.jars import KAFKA_VERSION, jars
from tests.broker.ports import free_ports

HERE = Path(__file__).parent
START_SECONDS = 100
STOP_SECONDS = 30


class StartError(Exception):
    """The broker ended, or didn't answer in time; the message contains the end of its log."""


def cluster_id() -> str:
    """A cluster id in Kafka's form: 22 characters of URL-safe base64."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()


class ApacheKafka:
    """One broker on 127.0.0.1. Its data live until the end of the `with` block, so it can be stopped and started again.

    `voters` maps node ids to controller ports, for brokers of one `cluster`; default: only this one. `listeners` are
    protocols offered in addition to PLAINTEXT, each on its own port (see `address`); their configuration goes into
    `properties` (names of server.properties), SCRAM users into `format_arguments` (`--add-scram ...`).
    """

    def __init__(
        self,
        *,
        node_id: int = 1,
        voters: Mapping[int, int] | None = None,
        cluster: str | None = None,
        listeners: Sequence[str] = (),
        properties: Mapping[str, str] | None = None,
        format_arguments: Sequence[str] = (),
        java_options: Sequence[str] = (),
        heap: str = "768m",
        version: str = KAFKA_VERSION,
    ) -> None:
        self.node_id, self.heap = node_id, heap
        protocols = ["PLAINTEXT", *listeners]
        *ports, controller_port = free_ports(len(protocols) + 1, keep=True)
        self.ports = dict(zip(protocols, ports, strict=True))
        self.voters = dict(voters) if voters else {node_id: controller_port}
        self.cluster, self.format_arguments = cluster or cluster_id(), list(format_arguments)
        self.java_options, self.version = list(java_options), version
        self.properties = dict(properties or {})
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        return self.address("PLAINTEXT")

    def address(self, protocol: str) -> str:
        """host:port of a listener; unchanged by a restart."""
        return f"127.0.0.1:{self.ports[protocol]}"

    @property
    def folder(self) -> Path:
        """Configuration, data and log of this broker."""
        if self._folder is None:
            raise RuntimeError("use this broker in a with statement")
        return self._folder

    @property
    def log(self) -> str:
        """The broker's log since its first start."""
        path = self.folder / "broker.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def __enter__(self) -> Self:
        try:
            self.prepare()
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def prepare(self) -> None:
        """Make the broker's folder and format its data; `close` must be called afterwards."""
        self._folder = Path(tempfile.mkdtemp(prefix="straymail-kafka-"))
        self._format()

    def close(self) -> None:
        """Stop the broker and delete its data."""
        self.stop()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def launch(self) -> None:
        """Start the process without waiting: the brokers of a cluster answer only once enough of them run."""
        if self._process is not None:
            raise RuntimeError("this broker is already running")
        self._log = (self.folder / "broker.log").open("ab")
        self._process = subprocess.Popen(
            self._java("kafka.Kafka", str(self.folder / "server.properties"), heap=self.heap),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C goes only to the test run, which then stops the broker
        )

    def start(self) -> None:
        """Start and wait until the broker answers a metadata request; raises StartError."""
        self.launch()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Return when the broker answers a metadata request; raises StartError."""
        deadline = time.monotonic() + START_SECONDS
        client = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0, "reconnect.backoff.max.ms": 200})
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise StartError(self._with_log("Kafka ended while starting"))
            try:
                if self.node_id in client.list_topics(timeout=1).brokers:
                    return
            except KafkaException:
                continue
        raise StartError(self._with_log(f"Kafka didn't answer within {START_SECONDS} s"))

    def stop(self) -> None:
        """Shut the broker down in an orderly way (SIGTERM); its data are kept."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the broker (SIGKILL), as when its machine is lost; its data are kept."""
        self._end(signal.SIGKILL)

    def send_signal(self, number: signal.Signals) -> None:
        """Send the broker a signal, such as SIGSTOP and SIGCONT."""
        if self._process is not None:
            self._process.send_signal(number)

    def create_topics(self, partitions: Mapping[str, int], config: Mapping[str, str] | None = None) -> None:
        """Create topics, with the number of partitions of each; fails where one exists."""
        client = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        topics = [NewTopic(name, count, config=dict(config or {})) for name, count in partitions.items()]
        for future in client.create_topics(topics).values():
            future.result()

    def _end(self, by: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(by)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
        if self._log is not None:
            self._log.close()

    def _format(self) -> None:
        path = self.folder / "server.properties"
        path.write_text((HERE / "server.properties").read_text() + self._own_properties())
        arguments = ["format", f"--cluster-id={self.cluster}", f"--config={path}", *self.format_arguments]
        run = subprocess.run(
            self._java("kafka.tools.StorageTool", *arguments, heap="128m"),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )
        if run.returncode != 0:
            raise StartError(f"Kafka can't format {self.folder}:\n{run.stdout}{run.stderr}")

    def _own_properties(self) -> str:
        """The properties of this broker; where the file has a name twice, Java takes the last."""
        listeners = ",".join(f"{protocol}://{self.address(protocol)}" for protocol in self.ports)
        own = {
            "node.id": str(self.node_id),
            "controller.quorum.voters": ",".join(f"{node}@127.0.0.1:{port}" for node, port in self.voters.items()),
            "listeners": f"{listeners},CONTROLLER://127.0.0.1:{self.voters[self.node_id]}",
            "advertised.listeners": listeners,
            "log.dirs": str(self.folder / "data"),
        } | self.properties
        return "\n" + "".join(f"{name}={value}\n" for name, value in own.items())

    def _java(self, main: str, *arguments: str, heap: str) -> list[str]:
        logging = f"-Dlog4j2.configurationFile={HERE / 'log4j2.yaml'}"
        class_path = f"{jars(self.version)}/*"
        command = ["java", f"-Xmx{heap}", logging, *self.java_options, "-cp", class_path, main, *arguments]
        setpriv = shutil.which("setpriv")  # Linux: ends the broker where the test run is killed before it can stop it
        return [setpriv, "--pdeathsig", "TERM", *command] if setpriv else command

    def _with_log(self, sentence: str) -> str:
        return f"{sentence}; the end of its log:\n{self.log[-4000:]}"


def main() -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with ApacheKafka() as kafka:
            print(kafka.bootstrap, flush=True)
            signal.pause()
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
