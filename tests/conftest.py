"""Brokers for all tests: `embedded_broker`, `apache_kafka`, and `broker`, which runs a test on each of them.

What can't run here is skipped with the reason; with STRAYMAIL_REQUIRE=all in the environment it fails instead.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import uuid
from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from streams.kafka.embedded import EmbeddedBroker
from streams.kafka.settings import KafkaSettings
from tests.broker.apache import ApacheKafka
from tests.broker.certificates import missing_tool
from tests.broker.contract import Broker
from tests.broker.embedded import embedded_broker
from tests.broker.jars import jars
from tests.broker.secure import SecureKafka
from tests.cache import UnavailableError
from tests.forecast import Forecast, Recorder
from tests.groups import arrange, group
from tests.name_server import NSD, NameServer
from tests.processes import FIRST, ByGroup, told_groups

# What a shell starts in the background ignores SIGINT, and so would every command that a test ends by Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Thousands of collected tests stay alive: looking through them again and again took a tenth of the time.
gc.set_threshold(50_000)

ZONE = Path(__file__).parent / "dns" / "root.zone"

# How fast examples come depends on what else the machine does; how many there are doesn't.
hypothesis_settings.register_profile("straymail", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("straymail")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-forecast", type=Path, help="write what each group took to this file (make forecast)")


def pytest_configure(config: pytest.Config) -> None:
    if (path := config.getoption("--write-forecast")) is not None:
        config.pluginmanager.register(Recorder(path))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    arrange(items)


@pytest.hookimpl(tryfirst=True)  # xdist's own reports the end of the collection, and then the file is read
def pytest_collection_finish(session: pytest.Session) -> None:
    groups = {item.nodeid: group(item) for item in session.items}
    mine: Mapping[str, Any] | None = getattr(session.config, "workerinput", None)
    if mine is None:
        _forecast(session.config, Counter(groups.values()))
    elif mine["workerid"] == FIRST:
        Path(mine["groups"]).write_text(json.dumps(groups))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """With pytest-xdist only the processes know the tests: the first one tells them, as each has the same."""
    node.workerinput["groups"] = str(told_groups())


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any) -> None:
    if node.gateway.id == FIRST:
        groups = json.loads(told_groups().read_text())
        _forecast(node.config, Counter(groups.values()), node.config.getoption("numprocesses"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByGroup | None:
    return ByGroup(config, log) if config.getoption("dist") == "loadscope" else None


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        told_groups().unlink(missing_ok=True)


def _forecast(config: pytest.Config, counts: Mapping[str, int], processes: int = 1) -> None:
    """Print how many tests there are and how long they take."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if terminal is not None and counts and config.get_verbosity() >= 0:
        terminal.write_line(Forecast.load().line(counts, processes))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that is skipped for whatever reason has not been run, which CI must not take for a success."""
    report = yield
    if os.environ.get("STRAYMAIL_REQUIRE") == "all" and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome, report.longrepr = "failed", f"STRAYMAIL_REQUIRE=all, and this was not run: {reason}"
    return report


def pytest_runtest_teardown() -> None:
    """In 3.14 what code under test froze has no referrers, of which Hypothesis warns in the next test."""
    gc.unfreeze()


@pytest.fixture(scope="session")
def kafka_jars() -> None:
    """A real Kafka can be started."""
    try:
        jars()
    except UnavailableError as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def apache_kafka(kafka_jars: None) -> Iterator[ApacheKafka]:
    """One real Kafka for the whole run: tests keep apart by their topics' names. It must not be stopped."""
    with ApacheKafka() as kafka:
        yield kafka


@pytest.fixture(scope="session")
def secure_kafka(kafka_jars: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureKafka]:
    """One real Kafka with TLS, logins and rights for the whole run."""
    reason = missing_tool()
    if reason is not None:
        pytest.skip(reason)
    with SecureKafka(tmp_path_factory.mktemp("certificates")) as kafka:
        yield kafka


@pytest.fixture(scope="session")
def name_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NameServer]:
    """A name server with the records of `tests/dns/root.zone`."""
    if NSD is None:
        pytest.skip("NSD isn't installed")
    with NameServer(tmp_path_factory.mktemp("nsd"), ZONE.read_text()) as server:
        yield server


@pytest.fixture(name="embedded_broker")
def _embedded_broker() -> Iterator[EmbeddedBroker]:
    with embedded_broker() as embedded:
        yield embedded


@pytest.fixture(params=["embedded_broker", pytest.param("apache_kafka", marks=pytest.mark.kafka)])
def broker(request: pytest.FixtureRequest) -> Broker:
    """The embedded broker and the real one, in turn: what a test says holds for both."""
    found: Broker = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def prefix() -> str:
    """Topics of this test alone."""
    return f"test-{uuid.uuid4().hex[:12]}."


@pytest.fixture
def settings(broker: Broker, prefix: str) -> KafkaSettings:
    return KafkaSettings(brokers=broker.bootstrap, topic_prefix=prefix)
