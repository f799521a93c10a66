"""The image, built and run as an unprivileged user on a root that can't be written to."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

import streams
from streams.clock import now_ms
from streams.kafka.settings import KafkaSettings
from tests.broker.apache import ApacheKafka
from tests.cache import UnavailableError
from tests.deploy.image import Image
from tests.deploy.validators import assert_cyclonedx
from tests.pipeline.topics import Topics
from tests.pipeline.worker import WorkerProcess, wait_until

pytestmark = pytest.mark.timeout(200, func_only=True)


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    try:
        built = Image()
    except UnavailableError as reason:
        pytest.skip(str(reason))
    with built:
        yield built


class ImageWorker(WorkerProcess):
    """The image's own command, with these settings and the image's environment, and no other."""

    def __init__(self, image: Image, settings: dict[str, str]) -> None:
        super().__init__(settings)
        own = {name: value for name, value in self._environment.items() if name.startswith("STRAYMAIL_")}
        self._environment = image.environment | own
        self._command = image.as_container()

    def start(self) -> ImageWorker:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, env=self._environment, stdout=log, stderr=log)
        return self


def test_it_is_small_and_says_what_it_is(image: Image) -> None:
    assert image.size() < 250_000_000
    assert image.config["User"] == "10001:10001"
    assert image.config["StopSignal"] == "SIGTERM"
    labels = image.config["Labels"]
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"
    assert labels["org.opencontainers.image.version"] == streams.__version__


def test_it_has_no_build_tools_and_nothing_that_its_user_may_write_to(image: Image) -> None:
    for tool in ("gcc", "cc", "make", "pip", "pip3", "git"):
        assert not (image.root / "usr/bin" / tool).exists()
        assert not (image.root / "opt/straymail/bin" / tool).exists()
    for path in (image.root / "opt/straymail").rglob("*"):
        assert path.lstat().st_uid == 0
        assert path.is_symlink() or not path.stat().st_mode & 0o022


@pytest.fixture(scope="module")
def bill(image: Image) -> str:
    """The image's bill of materials, from where its label leads."""
    path: str = image.config["Labels"]["straymail.sbom"]
    return (image.root / path.removeprefix("/")).read_text()


def components(bill: str, kind: str) -> list[tuple[str, str]]:
    """Name and version of each component, the subject included; kind: `pypi` or `deb`."""
    document = json.loads(bill)
    every = [*document["components"], document["metadata"]["component"] | {"purl": "pkg:pypi/"}]
    return sorted((c["name"], c["version"]) for c in every if c["purl"].startswith(f"pkg:{kind}/"))


def test_its_bill_of_materials_is_cyclonedx_and_the_same_with_every_build(bill: str) -> None:
    document = json.loads(bill)
    assert_cyclonedx(bill)
    assert document["metadata"]["component"]["name"] == "straymail"
    assert "serialNumber" not in document
    assert "timestamp" not in document["metadata"]


def test_its_bill_of_materials_has_exactly_what_is_installed(image: Image, bill: str) -> None:
    (packages,) = (image.root / "opt/straymail/lib").glob("python3*/site-packages")
    installed = importlib.metadata.distributions(path=[str(packages)])
    assert components(bill, "pypi") == sorted((d.metadata["Name"], d.version) for d in installed)
    command = [
        "dpkg-query",
        f"--admindir={image.root / 'var/lib/dpkg'}",
        "--show",
        "--showformat=${Package} ${Version}\\n",
    ]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(lines) > 50
    assert components(bill, "deb") == sorted((name, version) for name, version in (line.split() for line in lines))


def test_check_runs_as_the_chart_runs_it(image: Image, apache_kafka: ApacheKafka, prefix: str) -> None:
    settings = {"STRAYMAIL_BROKERS": apache_kafka.bootstrap, "STRAYMAIL_TOPIC_PREFIX": prefix}
    command = image.as_container("check", "--json")
    run = subprocess.run(
        command, env=image.environment | settings, capture_output=True, text=True, timeout=60, check=False
    )
    found = [json.loads(line) for line in run.stdout.splitlines()]
    assert {"level": "ok", "subject": "kafka"}.items() <= next(f for f in found if f["subject"] == "kafka").items()
    assert run.returncode == 1, "there are no topics yet"


def test_a_worker_finds_a_slip_and_stops_in_time(image: Image, apache_kafka: ApacheKafka, prefix: str) -> None:
    settings = {"BROKERS": apache_kafka.bootstrap, "TOPIC_PREFIX": prefix, "WEB_HOST": "127.0.0.1"}
    topics = Topics(KafkaSettings(brokers=apache_kafka.bootstrap, topic_prefix=prefix), group=f"{prefix}straymail")
    event = {"id": "e1", "time": now_ms(), "sender": "a@mod.gov.uk", "recipients": ["b@army.ml"]}
    with ImageWorker(image, settings) as worker:
        worker.wait_ready()
        status = Path(f"/proc/{worker.pid}/status").read_text()
        assert "\nUid:\t10001\t10001\t10001\t10001\n" in status
        topics.send(topics.names.events, iter([("a", orjson.dumps(event))]))
        wait_until(lambda: bool(topics.values(topics.names.alerts)), seconds=60, what="an alert")
        assert worker.stop() == 0
    topics.close()
