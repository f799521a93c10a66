"""Chart and configuration can't drift apart: what the chart sets is given to the real program on a real Kafka."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from streams.clock import now_ms
from streams.config import Settings
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.admin import create_topics
from streams.kafka.topics.names import wanted_topics
from tests.broker.apache import ApacheKafka
from tests.broker.certificates import missing_tool
from tests.broker.issuer import SCOPE
from tests.broker.secure import CERTIFIED, PASSWORD, USER, SecureKafka
from tests.deploy.chart import load, only, render
from tests.deploy.pod import Container, Pod
from tests.pipeline.topics import Topics
from tests.pipeline.worker import WorkerProcess, wait_until

STRIMZI = Path(__file__).parents[2] / "deploy" / "strimzi"
NO_SECRETS: dict[str, dict[str, bytes]] = {}

pytestmark = pytest.mark.usefixtures("helm_tool")


def run(container: Container) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    environment = {**{k: v for k, v in os.environ.items() if not k.startswith("STRAYMAIL_")}, **container.environment}
    command = [sys.executable, "-m", "streams", *container.arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90, check=False)


def pod_of(values: dict[str, Any], kind: str, folder: Path, secrets: dict[str, dict[str, bytes]]) -> Pod:
    manifests = render(values)
    return Pod(only(manifests, kind)["spec"]["template"]["spec"], manifests, folder, secrets)


def mail(sender: str) -> tuple[str, bytes]:
    """A key and a mail event to a mistyped domain."""
    event = {"id": f"from {sender}", "time": now_ms(), "sender": f"{sender}@mod.gov.uk", "recipients": ["b@army.ml"]}
    return sender, orjson.dumps(event)


def sees_a_slip(container: Container, topics: Topics) -> None:
    """A worker with the chart's environment and arguments turns mail into an alert, and stops in time."""
    assert container.arguments == ("worker",)
    with WorkerProcess(container.settings, ("-m", "streams", *container.arguments)) as worker:
        worker.wait_ready()
        topics.send(topics.names.events, iter([mail("desk")]))
        wait_until(lambda: bool(topics.values(topics.names.alerts)), seconds=60, what="an alert")
        assert worker.stop() == 0


def test_job_wait_and_worker_on_an_open_kafka(apache_kafka: ApacheKafka, prefix: str, tmp_path: Path) -> None:
    values = load("minimal") | {
        "brokers": [apache_kafka.bootstrap],
        "config": {"topic_prefix": prefix, "sources": ["gateway"]},
        "topics": {"eventsPartitions": 2, "hitsPartitions": 2, "waitSeconds": 5},
    }
    workers = pod_of(values, "Deployment", tmp_path / "worker", NO_SECRETS)
    waiting = run(workers.container("wait-for-topics"))
    assert waiting.returncode == 1, "there is no topic yet"
    made = run(pod_of(values, "Job", tmp_path / "job", NO_SECRETS).container("topics"))
    assert made.returncode == 0, made.stderr
    assert run(workers.container("wait-for-topics")).returncode == 0
    topics = Topics(KafkaSettings(brokers=apache_kafka.bootstrap, topic_prefix=prefix), group=f"{prefix}straymail")
    assert len(topics.ends(topics.names.events)) == 2
    sees_a_slip(workers.container("worker"), topics)
    topics.close()


def test_a_changed_watchlist_is_reloaded_from_its_config_map(
    apache_kafka: ApacheKafka, prefix: str, tmp_path: Path
) -> None:
    create_topics(KafkaSettings(brokers=apache_kafka.bootstrap, topic_prefix=prefix))
    values = load("minimal") | {"brokers": [apache_kafka.bootstrap], "config": {"topic_prefix": prefix}}
    pod = pod_of(values, "Deployment", tmp_path / "pod", NO_SECRETS)
    with WorkerProcess(pod.container("worker").settings) as worker:
        worker.wait_ready()
        assert worker.metric("straymail_watchlist_domains") == 2
        pod.replace("watchlist", {"watchlist.yaml": b"watched: [army.mil, navy.mil, mod.gov.uk]\n"})
        wait_until(lambda: worker.metric("straymail_watchlist_domains") == 3, seconds=30, what="it is reloaded")
        assert worker.metric("straymail_watchlist_reloads_total", result="success") == 1


def test_the_check_of_helm_test(apache_kafka: ApacheKafka, prefix: str, tmp_path: Path) -> None:
    settings = KafkaSettings(brokers=apache_kafka.bootstrap, topic_prefix=prefix)
    create_topics(settings)
    values = load("minimal") | {"brokers": [apache_kafka.bootstrap], "config": {"topic_prefix": prefix}}
    manifests = render(values)
    checked = run(Pod(only(manifests, "Pod")["spec"], manifests, tmp_path / "check", NO_SECRETS).container("check"))
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.fixture(scope="module")
def guarded_kafka(kafka_jars: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureKafka]:
    """A Kafka with TLS and logins; both users have the rights of the example for Strimzi, and nothing else."""
    if reason := missing_tool():
        pytest.skip(reason)
    with SecureKafka(tmp_path_factory.mktemp("certificates")) as kafka:
        create_topics(KafkaSettings(brokers=kafka.bootstrap))
        admin = AdminClient({"bootstrap.servers": kafka.bootstrap, "log_level": 0})
        acls = [acl for user in (USER, f"CN={CERTIFIED}") for acl in strimzi_acls(f"User:{user}")]
        for future in admin.create_acls(acls).values():
            future.result()
        yield kafka


def strimzi_acls(principal: str) -> list[AclBinding]:
    """The rights of deploy/strimzi/user.yaml, as Kafka knows them."""
    user = yaml.safe_load((STRIMZI / "user.yaml").read_text())
    operations = {"Describe": "DESCRIBE", "DescribeConfigs": "DESCRIBE_CONFIGS", "Read": "READ", "Write": "WRITE"}
    return [
        AclBinding(
            ResourceType[acl["resource"]["type"].upper()],
            acl["resource"]["name"],
            ResourcePatternType["PREFIXED" if acl["resource"].get("patternType") == "prefix" else "LITERAL"],
            principal,
            "*",
            AclOperation[operations[operation]],
            AclPermissionType.ALLOW,
        )
        for acl in user["spec"]["authorization"]["acls"]
        for operation in acl["operations"]
    ]


@pytest.mark.parametrize("way", ["topics-none", "mtls", "sasl", "keda-token"])
def test_workers_get_in_with_the_rights_of_the_example(guarded_kafka: SecureKafka, tmp_path: Path, way: str) -> None:
    values = load(way)
    certificate, key = guarded_kafka.authority.sign(CERTIFIED)
    user = {"password": PASSWORD.encode(), "user.crt": certificate.read_bytes(), "user.key": key.read_bytes()}
    user["client-secret"] = PASSWORD.encode()
    authority = {"ca.crt": guarded_kafka.authority.ca_file.read_bytes()}
    security = values["security"]
    secrets = {security["existingSecret"]: user, security.get("caSecret", "none"): authority}
    if "tokenUrl" in security:
        security |= {"tokenUrl": guarded_kafka.issuer.token_url, "tokenScope": SCOPE}
        secrets[security["tokenCaSecret"]] = authority
    secrets["straymail-privacy"] = {"privacy-key": b"a key of the tests"}
    values |= {"brokers": [guarded_kafka.address(security["protocol"])], "topics": {"manage": "none"}}
    pod = pod_of(values, "Deployment", tmp_path / "pod", secrets)
    waited = run(pod.container("wait-for-topics"))
    assert waited.returncode == 0, waited.stdout + waited.stderr
    topics = Topics(KafkaSettings(brokers=guarded_kafka.bootstrap), group="straymail")
    before = len(topics.values(topics.names.alerts))
    with WorkerProcess(pod.container("worker").settings) as worker:
        worker.wait_ready()
        topics.send(topics.names.events, iter([mail(way)]))
        wait_until(lambda: len(topics.values(topics.names.alerts)) > before, seconds=60, what="an alert")
        assert worker.stop() == 0
    topics.close()


def test_the_topics_for_strimzi_are_as_straymail_wants_them() -> None:
    documents = list(yaml.safe_load_all((STRIMZI / "topics.yaml").read_text()))
    written = {
        topic["metadata"]["name"]: (
            topic["spec"]["partitions"],
            {k: str(v) for k, v in topic["spec"]["config"].items()},
        )
        for topic in documents
    }
    wanted = {
        topic.name: (topic.partitions, {**topic.config, "min.insync.replicas": "2"})
        for topic in wanted_topics(Settings())
    }
    assert written == wanted
