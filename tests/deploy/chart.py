"""The chart as helm renders it."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.deploy.plane.build import KUBERNETES, tool

CHART = Path(__file__).parents[2] / "deploy" / "helm"
VALUES = sorted((Path(__file__).parent / "values").glob("*.yaml"))
RELEASE, NAMESPACE = "slips", "straymail"
HELM = "helm3"
HELMS = (HELM, "helm4")
"""The versions of Helm that the chart is for; where a test doesn't say which, it is the first."""

Manifest = dict[str, Any]


class RefusedError(Exception):
    """helm refused the values; the message is what it said."""


def helm(
    *arguments: str, environment: Mapping[str, str] | None = None, seconds: float = 120, program: str = HELM
) -> str:
    """What helm printed; raises RefusedError."""
    run = subprocess.run(
        [tool(program), *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    if run.returncode != 0:
        raise RefusedError(run.stdout + run.stderr)
    return run.stdout


def load(name: str) -> dict[str, Any]:
    """One of the sets of values."""
    values: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "values" / f"{name}.yaml").read_text())
    return values


def render(values: Mapping[str, Any], program: str = HELM) -> list[Manifest]:
    """Every object that an installation with these values makes; raises RefusedError."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump(dict(values), file)
        file.flush()
        options = ["--namespace", NAMESPACE, "--kube-version", KUBERNETES, "--values", file.name]
        text = helm("template", RELEASE, str(CHART), *options, program=program)
    return [manifest for manifest in yaml.safe_load_all(text) if manifest]


def only(manifests: list[Manifest], kind: str) -> Manifest:
    """The one object of that kind."""
    (found,) = [manifest for manifest in manifests if manifest["kind"] == kind]
    return found


def named(manifests: list[Manifest], kind: str, name: str) -> Manifest:
    """The object of that kind and name."""
    (found,) = [m for m in manifests if m["kind"] == kind and m["metadata"]["name"] == name]
    return found


def pods(manifests: list[Manifest]) -> list[Manifest]:
    """The spec of each pod that the objects lead to."""
    return [template["spec"] for template in _templates(manifests)]


def pod_labels(manifests: list[Manifest]) -> list[dict[str, str]]:
    """The labels of each pod that the objects lead to."""
    return [template["metadata"]["labels"] for template in _templates(manifests)]


def _templates(manifests: list[Manifest]) -> list[Manifest]:
    owners = [manifest["spec"]["template"] for manifest in manifests if manifest["kind"] in ("Deployment", "Job")]
    return owners + [manifest for manifest in manifests if manifest["kind"] == "Pod"]


def containers(pod: Manifest) -> list[Manifest]:
    """All of a pod's containers, those that only start it included."""
    return [*pod.get("initContainers", []), *pod["containers"]]
