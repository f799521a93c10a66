"""What the chart makes of sets of values, without a cluster."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.grafana.dashboard import PATH as DASHBOARD
from tests.deploy.chart import (
    CHART,
    HELMS,
    NAMESPACE,
    VALUES,
    Manifest,
    containers,
    helm,
    load,
    named,
    only,
    pod_labels,
    pods,
    render,
)
from tests.deploy.plane.build import KUBERNETES, keda_scalers
from tests.deploy.validators import assert_kubernetes

pytestmark = pytest.mark.usefixtures("helm_tool")

RULES = Path(__file__).parents[2] / "deploy" / "prometheus" / "rules.yaml"
OTHER_KUBERNETES = ("1.29", "1.34")
"""Checked by their published schemas; the control plane of the tests is of another version."""


@pytest.fixture(params=[path.stem for path in VALUES], scope="module")
def manifests(request: pytest.FixtureRequest, helm_tool: None) -> list[Manifest]:
    """What each set of values makes."""
    return render(load(request.param))


@pytest.mark.parametrize("program", HELMS)
@pytest.mark.parametrize("path", VALUES, ids=lambda path: path.stem)
def test_helm_lints_it(path: Path, program: str) -> None:
    options = ["--strict", "--kube-version", KUBERNETES, "--values", str(path)]
    helm("lint", *options, str(CHART), program=program)


@pytest.mark.parametrize("path", VALUES, ids=lambda path: path.stem)
def test_each_helm_makes_the_same_of_it(path: Path) -> None:
    first, *others = (render(load(path.stem), program) for program in HELMS)
    assert all(other == first for other in others)


@pytest.mark.parametrize("version", OTHER_KUBERNETES)
def test_other_versions_of_kubernetes_take_it(manifests: list[Manifest], version: str) -> None:
    own = [m for m in manifests if m["apiVersion"].split("/")[0] not in ("monitoring.coreos.com", "keda.sh")]
    assert own
    for manifest in own:
        assert_kubernetes(manifest, version)


def test_no_container_may_do_more_than_it_must(manifests: list[Manifest]) -> None:
    for pod in pods(manifests):
        assert pod["automountServiceAccountToken"] is False
        assert pod["enableServiceLinks"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        for container in containers(pod):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert container["resources"]["requests"].keys() == {"cpu", "memory"}
            assert "memory" in container["resources"]["limits"]


def test_mounts_have_volumes_and_none_is_a_single_file(manifests: list[Manifest]) -> None:
    for pod in pods(manifests):
        volumes = {volume["name"] for volume in pod["volumes"]}
        for container in containers(pod):
            for mount in container["volumeMounts"]:
                assert mount["name"] in volumes
                assert "subPath" not in mount, "the kubelet never refreshes a file that is mounted alone"


def policy_of(name: str) -> Manifest:
    """The network policy that a set of values makes."""
    spec: Manifest = only(render(load(name)), "NetworkPolicy")["spec"]
    return spec


def ports(rule: Manifest) -> set[int]:
    return {port["port"] for port in rule["ports"]}


def test_a_network_policy_stands_before_every_pod_unless_it_is_turned_off() -> None:
    for values in (load(path.stem) for path in VALUES):
        manifests = render(values)
        selected = [m["spec"]["podSelector"]["matchLabels"] for m in manifests if m["kind"] == "NetworkPolicy"]
        assert bool(selected) == values.get("networkPolicy", {}).get("enabled", True)
        for labels in pod_labels(manifests):
            assert any(wanted.items() <= labels.items() for wanted in selected) == bool(selected)


def test_the_network_policy_opens_the_port_that_is_probed_and_scraped() -> None:
    for name in ("minimal", "all-on"):
        (way_in,) = policy_of(name)["ingress"]
        (worker,) = only(render(load(name)), "Deployment")["spec"]["template"]["spec"]["containers"]
        assert ports(way_in) == {port["containerPort"] for port in worker["ports"]}
    assert way_in["from"] == load("all-on")["networkPolicy"]["ingressFrom"]


@pytest.mark.parametrize(
    ("name", "kafka"), [("minimal", {9092}), ("all-on", {9094}), ("topics-none", {9093, 9094, 9095})]
)
def test_the_network_policy_lets_out_to_dns_and_kafka_alone(name: str, kafka: set[int]) -> None:
    dns, brokers = policy_of(name)["egress"]
    assert {(port["protocol"], port["port"]) for port in dns["ports"]} == {
        (protocol, port) for protocol in ("UDP", "TCP") for port in (53, 5353)
    }
    assert ports(brokers) == kafka
    assert brokers.get("to", []) == load(name).get("networkPolicy", {}).get("kafkaPeers", [])


@pytest.mark.parametrize(
    ("url", "port"), [("https://issuer.example.org:8443/token", 8443), ("https://a.example/t", 443)]
)
def test_the_network_policy_lets_out_to_the_issuer_of_tokens(url: str, port: int) -> None:
    values = load("keda-token")
    values["security"]["tokenUrl"] = url
    *_, issuer = only(render(values), "NetworkPolicy")["spec"]["egress"]
    assert ports(issuer) == {port}


def test_a_watchlist_alone_restarts_nobody() -> None:
    before, after = (render(load("minimal") | {"watchlist": {"watched": [domain]}}) for domain in ("a.mil", "b.mil"))
    assert only(before, "Deployment") == only(after, "Deployment")
    assert only(before, "Job") == only(after, "Job")


def test_a_changed_configuration_restarts_workers() -> None:
    before, after = (render(load("minimal") | {"config": {"group": group}}) for group in ("a", "b"))
    annotations = [only(m, "Deployment")["spec"]["template"]["metadata"]["annotations"] for m in (before, after)]
    assert annotations[0] != annotations[1]


def test_the_job_has_another_name_when_it_makes_other_topics() -> None:
    names = {
        only(render(load("minimal") | {"topics": {"eventsPartitions": n}}), "Job")["metadata"]["name"]
        for n in (8, 8, 16)
    }
    assert len(names) == 2


def test_nobody_makes_topics_where_others_do() -> None:
    assert not [m for m in render(load("topics-none")) if m["kind"] == "Job"]


def test_one_goes_before_another_comes() -> None:
    spec = only(render(load("minimal")), "Deployment")["spec"]
    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 0, "maxUnavailable": 1}


def test_replicas_are_left_to_what_scales() -> None:
    assert only(render(load("minimal")), "Deployment")["spec"]["replicas"] == 2
    for name in ("hpa", "keda-plain"):
        assert "replicas" not in only(render(load(name)), "Deployment")["spec"]


def test_keda_goes_by_the_lag_of_the_groups_own_topics() -> None:
    spec = only(render(load("all-on")), "ScaledObject")["spec"]
    assert (spec["minReplicaCount"], spec["maxReplicaCount"]) == (2, 6)
    assert "idleReplicaCount" not in spec
    triggers = [trigger["metadata"] for trigger in spec["triggers"]]
    assert {trigger["consumerGroup"] for trigger in triggers} == {"org.straymail"}
    assert {trigger["topic"]: trigger["lagThreshold"] for trigger in triggers} == {
        "org.mail.events": "1500000",
        "org.mail.typo-hits": "100000",
        "org.mail.typo-domains": "100000",
    }
    assert only(render(load("keda-mtls")), "ScaledObject")["spec"]["maxReplicaCount"] == 24


def keda_parameters() -> dict[str, dict[str, Any]]:
    """The parameters of KEDA's scaler for Kafka, by name."""
    (scaler,) = [each for each in json.loads(keda_scalers().read_text())["scalers"] if each["type"] == "kafka"]
    return {parameter["name"]: parameter for parameter in scaler["parameters"]}


@pytest.mark.parametrize(
    "name", [path.stem for path in VALUES if load(path.stem).get("autoscaling", {}).get("mode") == "keda"]
)
def test_keda_knows_every_parameter_of_the_triggers(name: str) -> None:
    """The API server takes any: they are a map of strings."""
    manifests, known = render(load(name)), keda_parameters()
    for trigger in only(manifests, "ScaledObject")["spec"]["triggers"]:
        for parameter, value in trigger["metadata"].items():
            assert known[parameter].get("metadataVariableReadable"), parameter
            assert value in known[parameter].get("allowedValue", [value])
        limits = {"limitToPartitionsWithLag", "ensureEvenDistributionOfPartitions", "allowIdleConsumers"}
        assert len(limits & trigger["metadata"].keys()) == 1, "KEDA refuses two of them"
    for authentication in (m for m in manifests if m["kind"] == "TriggerAuthentication"):
        for secret in authentication["spec"]["secretTargetRef"]:
            assert known[secret["parameter"]].get("triggerAuthenticationVariableReadable"), secret


def test_the_image_goes_by_digest_where_there_is_one() -> None:
    (pod, *_) = pods(render(load("all-on")))
    digest = load("all-on")["image"]["digest"]
    assert containers(pod)[0]["image"] == f"registry.example.org/straymail@{digest}"


def test_the_rules_are_those_of_the_file() -> None:
    groups = only(render(load("hpa")), "PrometheusRule")["spec"]["groups"]
    expected = yaml.safe_load(RULES.read_text())["groups"]
    assert [group["rules"] for group in groups] == [group["rules"] for group in expected]


def test_alerts_can_be_left_out_and_changed() -> None:
    groups = only(render(load("all-on")), "PrometheusRule")["spec"]["groups"]
    alerts = {rule["alert"]: rule for group in groups for rule in group["rules"] if "alert" in rule}
    assert "StraymailLagUnseen" not in alerts
    silent = alerts["StraymailFeedSilent"]
    assert (silent["for"], silent["labels"]) == ("1h", {"severity": "warning", "team": "night"})
    assert silent["annotations"]["runbook_url"] == "https://docs.example.org/straymail/runbook#straymailfeedsilent"


def test_the_dashboard_is_that_of_the_file() -> None:
    kept = named(render(load("all-on")), "ConfigMap", "slips-dashboard")
    expected = DASHBOARD.read_text().replace("docs/runbook.md", "https://docs.example.org/straymail/runbook")
    assert kept["data"]["straymail.json"].strip() == expected.strip()
    assert kept["metadata"]["labels"]["grafana_dashboard"] == "1"


def test_everything_goes_into_the_release_namespace(manifests: list[Manifest]) -> None:
    assert {m["metadata"].get("namespace", NAMESPACE) for m in manifests} == {NAMESPACE}
