"""The chart's life on a real control plane, in a namespace that enforces restricted pod security."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.chart import RELEASE, VALUES, Manifest, RefusedError, helm, load, named
from tests.deploy.installation import Installation
from tests.deploy.plane.cluster import ControlPlane
from tests.pipeline.worker import wait_until

pytestmark = pytest.mark.timeout(400, func_only=True)

NAME = f"{RELEASE}-straymail"
MIN_READY_S = 5
"""As in the chart: a worker beyond those that are wanted would be there as long."""


@pytest.fixture
def release(control_plane: ControlPlane) -> Installation:
    return Installation(control_plane)


def uids(release: Installation) -> set[str]:
    return {pod["metadata"]["uid"] for pod in release.workers()}


def config_map(release: Installation, name: str) -> dict[str, str]:
    data: dict[str, str] = named(_with_kind(release.objects("/api/v1", "configmaps"), "ConfigMap"), "ConfigMap", name)[
        "data"
    ]
    return data


def _with_kind(items: list[Manifest], kind: str) -> list[Manifest]:
    """Items of a list come without their kind."""
    return [item | {"kind": kind} for item in items]


def gone(release: Installation) -> bool:
    return release.everything() == set()


@pytest.mark.parametrize("path", VALUES, ids=lambda path: path.stem)
def test_an_installation_comes_up_and_leaves_nothing(release: Installation, path: Path) -> None:
    release.install(load(path.stem))
    pods = release.workers()
    assert pods
    assert all(pod["status"]["phase"] == "Running" for pod in pods)
    release.uninstall()
    wait_until(lambda: gone(release), seconds=60, what="nothing is left")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("minimal", "reach DNS, and Kafka at 9092;"),
        ("topics-none", "reach DNS, and Kafka at 9093, 9094, 9095;"),
        ("all-off", "networkPolicy.enabled is false"),
    ],
)
def test_the_notes_tell_what_the_network_policy_allows(release: Installation, name: str, sentence: str) -> None:
    release.install(load(name))
    notes = helm("get", "notes", RELEASE, "--namespace", release.namespace, environment=release.plane.environment)
    assert sentence in notes


def test_upgrades_and_rollback(release: Installation) -> None:
    values: dict[str, Any] = load("minimal")
    release.install(values)
    first = uids(release)
    assert len(first) == 2

    release.upgrade(values | {"watchlist": {"watched": ["navy.mil"]}})
    assert "navy.mil" in config_map(release, f"{NAME}-watchlist")["watchlist.yaml"]
    assert uids(release) == first, "a changed watchlist restarts nobody"

    release.upgrade(values | {"config": {"sources": ["gateway"]}})
    assert "gateway" in config_map(release, NAME)["straymail.yaml"]
    assert not uids(release) & first, "a changed configuration restarts everybody"

    release.rollback(1)
    assert "gateway" not in config_map(release, NAME)["straymail.yaml"]
    assert "army.mil" in config_map(release, f"{NAME}-watchlist")["watchlist.yaml"]
    assert len(uids(release)) == 2


def test_helm_4_continues_what_helm_3_installed(release: Installation) -> None:
    """Helm 4 applies on the server, which refuses a change of fields that belong to somebody else."""
    values: dict[str, Any] = load("all-on")
    release.install(values)
    first = uids(release)
    release.program = "helm4"
    release.upgrade(values | {"config": {"sources": ["gateway"]}, "autoscaling": {"mode": "none"}})
    assert "gateway" in config_map(release, "slips")["straymail.yaml"]
    assert not uids(release) & first
    release.rollback(1)
    assert "relay" in config_map(release, "slips")["straymail.yaml"]
    assert release.objects("/apis/keda.sh/v1alpha1", "scaledobjects")
    release.uninstall()
    wait_until(lambda: gone(release), seconds=60, what="nothing is left")


@pytest.mark.parametrize("name", ["all-on", "gate"])
def test_helm_4_installs_and_leaves_nothing(release: Installation, name: str) -> None:
    release.program = "helm4"
    release.install(load(name))
    assert release.workers()
    release.uninstall()
    wait_until(lambda: gone(release), seconds=60, what="nothing is left")


def test_as_many_workers_as_partitions_are_updated_one_by_one(release: Installation) -> None:
    values = load("minimal")
    release.install(values)
    release.upgrade(values | {"replicas": 8})
    first = uids(release)
    assert len(first) == 8
    longest_s, since_s = 0.0, None
    with ThreadPoolExecutor(1) as pool:
        update = pool.submit(release.upgrade, values | {"replicas": 8, "config": {"group": "other"}}, 240)
        while not update.done():
            if len(release.workers()) <= 8:
                since_s = None
            else:  # for a moment: the two ReplicaSets are told at once, and the new one may be faster
                since_s = since_s or time.monotonic()
                longest_s = max(longest_s, time.monotonic() - since_s)
        update.result()
    assert longest_s < MIN_READY_S / 2, "a ninth worker would stand idle, and its coming and going are rebalances"
    assert len(uids(release)) == 8
    assert not uids(release) & first
    release.upgrade(values | {"replicas": 1, "config": {"group": "other"}})
    assert len(release.workers()) == 1


def test_other_topics_make_another_job_and_the_old_one_goes(release: Installation) -> None:
    values = load("minimal")
    release.install(values)
    (first,) = release.objects("/apis/batch/v1", "jobs")
    assert first["status"]["succeeded"] == 1
    release.upgrade(values | {"topics": {"eventsPartitions": 16}})
    wait_until(lambda: len(release.objects("/apis/batch/v1", "jobs")) == 1, seconds=60, what="one job is left")
    (second,) = release.objects("/apis/batch/v1", "jobs")
    assert second["metadata"]["name"] != first["metadata"]["name"]


def test_one_worker_at_a_time_may_be_drained(release: Installation) -> None:
    release.install(load("minimal"))

    def allowed() -> int:
        (budget,) = release.objects("/apis/policy/v1", "poddisruptionbudgets")
        found: int = budget["status"].get("disruptionsAllowed", 0)
        return found

    wait_until(lambda: allowed() == 1, seconds=30, what="the budget allows one disruption")


def test_pods_that_may_do_too_much_are_refused(release: Installation) -> None:
    with pytest.raises(RefusedError, match=r"timed out|deadline"):
        release.install(
            load("minimal") | {"podSecurityContext": {"runAsNonRoot": False}, "topics": {"manage": "none"}}, 8
        )
    (replica_set,) = release.objects("/apis/apps/v1", "replicasets")
    assert "violates PodSecurity" in str(replica_set["status"]["conditions"])
    assert release.workers() == []


def test_helm_test_runs_the_check(release: Installation) -> None:
    release.install(load("minimal"))
    path = f"/api/v1/namespaces/{release.namespace}/pods"

    def test_pods() -> list[Manifest]:
        return [pod for pod in release.objects("/api/v1", "pods") if pod["metadata"]["name"] == f"{NAME}-test"]

    arguments = ["test", RELEASE, "--namespace", release.namespace, "--timeout", "60s"]
    with ThreadPoolExecutor(1) as pool:
        told = pool.submit(helm, *arguments, environment=release.plane.environment)
        wait_until(lambda: bool(test_pods()), seconds=30, what="the test's pod is there")
        (pod,) = test_pods()
        assert pod["spec"]["containers"][0]["args"][0] == "check"
        release.plane.patch(f"{path}/{NAME}-test/status", {"status": {"phase": "Succeeded"}})  # no container runs here
        assert "Phase:          Succeeded" in told.result()
