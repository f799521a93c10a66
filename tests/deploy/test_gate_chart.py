"""What the chart makes of a gate, off by default."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.admin import create_topics
from tests.broker.apache import ApacheKafka
from tests.broker.ports import free_ports
from tests.deploy.chart import Manifest, RefusedError, load, named, render
from tests.deploy.pod import Pod
from tests.pipeline.worker import WorkerProcess

pytestmark = pytest.mark.usefixtures("helm_tool")

WORKERS, GATES = "slips-straymail", "slips-straymail-gate"
SECRETS = {"straymail-privacy": {"privacy-key": b"k" * 32}, "straymail-gate": {"gate-token": b"t" * 32}}


def with_gate(**gate: Any) -> list[Manifest]:
    """What the set of values for gates makes, with these changes."""
    values = load("gate")
    return render(values | {"gate": values["gate"] | gate})


def test_there_is_none_by_default() -> None:
    assert not [m for m in render(load("minimal")) if "gate" in m["metadata"]["name"]]


def test_mail_systems_reach_the_listeners_and_prometheus_the_metrics() -> None:
    manifests = with_gate()
    (container,) = named(manifests, "Deployment", GATES)["spec"]["template"]["spec"]["containers"]
    service = named(manifests, "Service", GATES)["spec"]
    asked, scraped = named(manifests, "NetworkPolicy", GATES)["spec"]["ingress"]
    settings = yaml.safe_load(named(manifests, "ConfigMap", GATES)["data"]["straymail.yaml"])["gate"]
    assert {port["name"]: port["containerPort"] for port in container["ports"]} == {
        "metrics": 6067,
        "policy": 10028,
        "http": 8080,
    }
    assert {port["targetPort"]: port["port"] for port in service["ports"]} == {"policy": 10028, "http": 8080}
    assert (settings["policy"].split(":")[1], settings["http"].split(":")[1]) == ("10028", "8080")
    assert "milter" not in settings
    assert settings["firewalled"] is True
    assert ({port["port"] for port in asked["ports"]}, asked["from"]) == (
        {10028, 8080},
        load("gate")["gate"]["ingressFrom"],
    )
    assert {port["port"] for port in scraped["ports"]} == {6067}
    assert named(manifests, "PodMonitor", GATES)["spec"]["podMetricsEndpoints"][0]["port"] == "metrics"


def test_the_service_keeps_the_clients_address_where_it_leads_out_of_the_cluster() -> None:
    inside, outside = {"type": "ClusterIP"}, {"type": "LoadBalancer", "loadBalancerSourceRanges": ["10.20.0.0/24"]}
    assert "externalTrafficPolicy" not in named(with_gate(service=inside), "Service", GATES)["spec"]
    spec = named(with_gate(service=outside), "Service", GATES)["spec"]
    assert (spec["externalTrafficPolicy"], spec["loadBalancerSourceRanges"]) == ("Local", ["10.20.0.0/24"])


def test_one_gate_starts_before_another_stops() -> None:
    spec = named(with_gate(), "Deployment", GATES)["spec"]
    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    (container,) = spec["template"]["spec"]["containers"]
    assert container["readinessProbe"]["httpGet"]["path"] == "/health/ready"
    assert container["livenessProbe"]["httpGet"]["path"] == "/health/live"


def test_a_changed_gate_restarts_no_worker() -> None:
    before, after = with_gate(), with_gate(config={"mode": "confirm"})
    assert named(before, "Deployment", WORKERS) == named(after, "Deployment", WORKERS)
    assert named(before, "Deployment", GATES) != named(after, "Deployment", GATES)


def test_metrics_have_a_service_apart_where_services_are_scraped() -> None:
    values = load("gate")
    manifests = render(values | {"monitoring": {"serviceMonitor": {"enabled": True}}})
    wanted = named(manifests, "ServiceMonitor", GATES)["spec"]["selector"]["matchLabels"]
    service = named(manifests, "Service", f"{GATES}-metrics")
    assert wanted.items() <= service["metadata"]["labels"].items()
    assert not wanted.items() <= named(manifests, "Service", GATES)["metadata"]["labels"].items()
    assert service["spec"]["ports"][0]["port"] == 6067


@pytest.mark.parametrize(
    ("gate", "sentence"),
    [
        ({"ports": {"policy": 0, "milter": 0, "http": 0}}, "gate.ports: give the gate a port"),
        ({"ingressFrom": []}, "gate.ingressFrom: name your mail systems"),
        ({"existingSecret": ""}, "gate.existingSecret: name the Secret"),
        ({"ports": {"policy": 6067}}, "'/gate/ports/policy'"),
        ({"config": {"store": "file:/tmp/gate"}}, "'/gate/config/store'"),
        ({"config": {"token": "secret"}}, "'/gate/config/token'"),
        ({"replicas": 0}, "'/gate/replicas'"),
        ({"mode": "confirm"}, "'mode' not allowed"),
    ],
)
def test_what_cannot_work_is_refused(gate: dict[str, Any], sentence: str) -> None:
    with pytest.raises(RefusedError) as refused:
        with_gate(**gate)
    assert sentence in str(refused.value)


def test_a_gate_runs_with_the_charts_environment(apache_kafka: ApacheKafka, tmp_path: Path) -> None:
    create_topics(KafkaSettings(brokers=apache_kafka.bootstrap, topic_prefix="gate-chart."))
    values = load("gate")
    values |= {"brokers": [apache_kafka.bootstrap], "config": values["config"] | {"topic_prefix": "gate-chart."}}
    manifests = render(values)
    pod = named(manifests, "Deployment", GATES)["spec"]["template"]["spec"]
    container = Pod(pod, manifests, tmp_path, SECRETS).container("gate")
    port, policy, http = free_ports(3)
    own = {
        "GATE_HOST": "127.0.0.1",
        "GATE_PORT": str(port),
        "GATE_POLICY": f"127.0.0.1:{policy}",
        "GATE_HTTP": f"127.0.0.1:{http}",
        "GATE_TOKEN_FILE": str(tmp_path / "secrets" / "gate-token"),
    }
    with WorkerProcess({**container.settings, **own}, ("-m", "streams", *container.arguments), port=port) as gate:
        gate.wait_ready()
        assert gate.metric("straymail_watchlist_domains") == 2
        assert gate.stop() == 0
