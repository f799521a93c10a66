"""A release of the chart in a namespace of its own on the control plane, as an operator handles it."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Mapping
from typing import Any

import yaml

from tests.deploy.chart import CHART, HELM, RELEASE, Manifest, helm
from tests.deploy.plane.cluster import ControlPlane
from tests.pipeline.worker import wait_until

KINDS = {
    "/api/v1": ("pods", "services", "configmaps", "secrets", "serviceaccounts"),
    "/apis/apps/v1": ("deployments", "replicasets"),
    "/apis/batch/v1": ("jobs",),
    "/apis/policy/v1": ("poddisruptionbudgets",),
    "/apis/autoscaling/v2": ("horizontalpodautoscalers",),
    "/apis/networking.k8s.io/v1": ("networkpolicies",),
    "/apis/discovery.k8s.io/v1": ("endpointslices",),
    "/apis/keda.sh/v1alpha1": ("scaledobjects", "triggerauthentications"),
    "/apis/monitoring.coreos.com/v1": ("podmonitors", "servicemonitors", "prometheusrules"),
}
KUBERNETES_OWN = {"kube-root-ca.crt", "default"}
"""What every namespace has."""


class Installation:
    """Makes its namespace, which enforces the restricted pod security standard. `program` is the helm that is used."""

    def __init__(self, plane: ControlPlane) -> None:
        self.plane, self.namespace, self.program = plane, f"test-{uuid.uuid4().hex[:10]}", HELM
        labels = {"pod-security.kubernetes.io/enforce": "restricted"}
        metadata = {"name": self.namespace, "labels": labels}
        plane.create("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})

    def install(self, values: Mapping[str, Any], seconds: int = 60) -> None:
        """`helm install --wait`, and until every worker is there."""
        self._with_values("install", values, seconds)

    def upgrade(self, values: Mapping[str, Any], seconds: int = 60) -> None:
        """`helm upgrade --wait`, and until every worker is there."""
        self._with_values("upgrade", values, seconds)

    def rollback(self, revision: int, seconds: int = 60) -> None:
        """`helm rollback --wait`, and until every worker is there."""
        self._helm("rollback", RELEASE, str(revision), "--wait", f"--timeout={seconds}s", seconds=seconds)
        wait_until(self.settled, seconds=seconds, what="every worker is there")

    def uninstall(self, seconds: int = 60) -> None:
        self._helm("uninstall", RELEASE, "--wait", f"--timeout={seconds}s", seconds=seconds)

    def objects(self, group: str, kind: str) -> list[Manifest]:
        """Every object of a kind in the namespace."""
        return self.plane.items(f"{group}/namespaces/{self.namespace}/{kind}")

    def workers(self) -> list[Manifest]:
        """The pods of the workers that aren't on their way out."""
        return [
            pod
            for pod in self.objects("/api/v1", "pods")
            if pod["metadata"]["labels"].get("app.kubernetes.io/component") == "worker"
            and "deletionTimestamp" not in pod["metadata"]
        ]

    def settled(self) -> bool:
        """Every worker is of the present configuration, and ready. helm's own wait is over one worker earlier, since
        one may be missing during an update."""
        (deployment,) = [
            each
            for each in self.objects("/apis/apps/v1", "deployments")
            if each["metadata"]["labels"]["app.kubernetes.io/component"] == "worker"
        ]
        wanted, status = deployment["spec"]["replicas"], deployment["status"]
        seen = status.get("observedGeneration") == deployment["metadata"]["generation"]
        numbers = {status.get(name, 0) for name in ("replicas", "updatedReplicas", "availableReplicas")}
        return bool(seen and numbers == {wanted} and len(self.workers()) == wanted)

    def everything(self) -> set[str]:
        """Kind and name of all that is in the namespace, what Kubernetes puts there aside."""
        return {
            f"{kind}/{item['metadata']['name']}"
            for group, kinds in KINDS.items()
            for kind in kinds
            for item in self.objects(group, kind)
            if item["metadata"]["name"] not in KUBERNETES_OWN
        }

    def _with_values(self, verb: str, values: Mapping[str, Any], seconds: int) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            yaml.safe_dump(dict(values), file)
            file.flush()
            waiting = ["--wait", "--wait-for-jobs", f"--timeout={seconds}s"]
            self._helm(verb, RELEASE, str(CHART), "--values", file.name, *waiting, seconds=seconds)
        wait_until(self.settled, seconds=seconds, what="every worker is there")

    def _helm(self, *arguments: str, seconds: int) -> str:
        environment = self.plane.environment
        where = ("--namespace", self.namespace)
        return helm(*arguments, *where, environment=environment, seconds=seconds + 30, program=self.program)
