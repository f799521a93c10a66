"""The brokers that other tests rely on."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from tests.broker.apache import ApacheKafka, StartError
from tests.broker.cluster import ApacheCluster
from tests.broker.contract import produce
from tests.broker.jars import cache, jars
from tests.broker.ports import free_ports
from tests.cache import UnavailableError

ROOT = Path(__file__).parents[2]
FETCHES_ONE_JAR = """#!/bin/sh
for argument; do
  case $argument in
    -DoutputDirectory=*) mkdir -p "${argument#*=}"; : > "${argument#*=}/kafka.jar" ;;
  esac
done
"""

pytestmark = pytest.mark.timeout(300)  # brokers of its own, up to three at once


def test_data_and_address_survive_a_stop_and_a_kill(kafka_jars: None) -> None:
    with ApacheKafka() as kafka:
        address, folder = kafka.bootstrap, kafka.folder
        kafka.create_topics({"kept": 2})
        for end in (kafka.stop, kafka.kill):
            end()
            kafka.start()
            produce(kafka, "kept", [b"record"])
        client = AdminClient({"bootstrap.servers": address, "log_level": 0})
        assert len(client.list_topics(timeout=15).topics["kept"].partitions) == 2
    assert not folder.exists()


@pytest.mark.parametrize(
    ("properties", "sentence"),
    [
        ({"num.io.threads": "0"}, r"Kafka can't format .*:\n(.|\n)*num\.io\.threads: Value must be at least 1"),
        (
            {"authorizer.class.name": "no.such.Class"},
            r"Kafka ended while starting; the end of its log:\n(.|\n)*no\.such",
        ),
    ],
)
def test_a_broker_that_cannot_start_reports_the_reason(
    kafka_jars: None, properties: dict[str, str], sentence: str
) -> None:
    with pytest.raises(StartError, match=sentence), ApacheKafka(properties=properties):
        pytest.fail("it did start")


def test_a_cluster_loses_a_broker_without_loss_of_records(kafka_jars: None) -> None:
    with ApacheCluster() as cluster:
        cluster.create_topics({"copied": 3})
        cluster.brokers[0].kill()
        for partition in range(3):
            produce(cluster, "copied", [b"record"], partition=partition)
        client = AdminClient({"bootstrap.servers": cluster.bootstrap, "log_level": 0})
        assert {
            len(partition.replicas) for partition in client.list_topics(timeout=15).topics["copied"].partitions.values()
        } == {3}


def test_the_command_line_serves_until_sigterm(kafka_jars: None) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.broker.apache"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        assert AdminClient({"bootstrap.servers": address, "log_level": 0}).list_topics(timeout=15).brokers
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0


def test_a_missing_tool_is_reported_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRAYMAIL_CACHE", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnavailableError, match=r"^no java on the path: install .*jre-headless.$"):
        jars()
    (tmp_path / "java").touch(0o755)
    with pytest.raises(UnavailableError, match=r"^no mvn on the path and no jars in .*: install Maven"):
        jars()
    fails = tmp_path / "mvn"
    fails.write_text("#!/bin/sh\necho first; echo Unknown host >&2; exit 1\n")
    fails.chmod(0o755)
    with pytest.raises(UnavailableError, match=r"^mvn can't fetch Kafka's jars: first / Unknown host$"):
        jars()
    assert not cache().exists()


def test_an_incomplete_download_leaves_no_jars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRAYMAIL_CACHE", str(tmp_path))
    maven = tmp_path / "mvn"
    maven.write_text(
        '#!/bin/sh\nfor a; do case $a in -DoutputDirectory=*) mkdir -p "${a#*=}"; >"${a#*=}/kafka.jar";; esac; done\n'
    )
    maven.chmod(0o755)
    (tmp_path / "java").touch(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert [jar.name for jar in jars().iterdir()] == ["kafka.jar"]
    maven.unlink()
    assert jars() == cache()
    assert cache().parent == tmp_path
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".fetching")] == []


def test_ports_are_distinct_and_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ports = free_ports(20)
        assert len(set(ports)) == 20
        assert listener.getsockname()[1] not in ports
    for port in ports:
        socket.create_server(("127.0.0.1", port)).close()
