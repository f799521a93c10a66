"""A real Kubernetes control plane and the chart's tools, built with Go once and kept in a cache that all checkouts of
this user share. `python -m tests.deploy.plane.build` builds what is missing and prints where it is.

The API server, the controllers and the scheduler are Kubernetes' own; kwok lets nodes and pods live as the API's users
see them, without running a container; the CRDs are made from the Go types of KEDA and of the Prometheus operator.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from tests.cache import UnavailableError, cached

HERE = Path(__file__).parent
KUBERNETES = "1.31.4"
KWOK = "v0.8.0"
KEDA = "github.com/kedacore/keda/v2@v2.20.2"
TOOLS = {
    "helm3": "helm.sh/helm/v3/cmd/helm@v3.22.0",
    "helm4": "helm.sh/helm/v4/cmd/helm@v4.3.1",
    "helm-docs": "github.com/norwoodj/helm-docs/cmd/helm-docs@v1.14.2",
    "kwok": f"sigs.k8s.io/kwok/cmd/kwok@{KWOK}",
}
CONTROL_PLANE = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
CRD_TYPES = (
    "github.com/kedacore/keda/v2/apis/keda/v1alpha1",
    "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1",
)
CRDS = ("scaledobjects", "triggerauthentications", "podmonitors", "servicemonitors", "prometheusrules")
STAGES = ("node/fast", "node/heartbeat-with-lease", "pod/fast")
BUILD_SECONDS = 3600


def control_plane() -> Path:
    """The folder with kube-apiserver, kube-controller-manager and kube-scheduler."""
    return cached(f"kubernetes/control-plane-{KUBERNETES}-{_hash(HERE / 'controlplane')}", _build_control_plane)


def tool(name: str) -> Path:
    """One program of `TOOLS`."""
    source = TOOLS[name]
    package, _, version = source.partition("@")
    program = package.rpartition("/")[2]

    def build(folder: Path) -> None:
        _go(["install", "-trimpath", "-ldflags=-s -w", source], HERE, {"GOBIN": str(folder)})

    return cached(f"kubernetes/{program}-{version}", build) / program


def crds() -> list[Path]:
    """The CustomResourceDefinitions of KEDA and of the Prometheus operator that the chart knows, one file each."""
    made = cached(f"kubernetes/crds-{_hash(HERE / 'crds')}", _build_crds)
    return [path for path in sorted(made.glob("*.yaml")) if path.stem.rpartition("_")[2] in CRDS]


def keda_scalers() -> Path:
    """KEDA's own list of its scalers and of their parameters, in JSON."""

    def copy(folder: Path) -> None:
        shutil.copyfile(_source(KEDA) / "schema" / "generated" / "scalers-schema.json", folder / "scalers.json")

    return cached(f"kubernetes/keda-scalers-{KEDA.partition('@')[2]}", copy) / "scalers.json"


def kwok_stages() -> list[Path]:
    """kwok's own description of how nodes and pods come to life."""
    return sorted(cached(f"kubernetes/kwok-stages-{KWOK}", _copy_stages).glob("*.yaml"))


def _build_control_plane(folder: Path) -> None:
    version = "k8s.io/component-base/version"
    minor = KUBERNETES.removeprefix("1.")
    flags = f"-s -w -X {version}.gitVersion=v{KUBERNETES} -X {version}.gitMajor=1 -X {version}.gitMinor={minor}"
    packages = [f"k8s.io/kubernetes/cmd/{name}" for name in CONTROL_PLANE]
    _go(["build", "-trimpath", "-o", f"{folder}/", "-ldflags", flags, *packages], HERE / "controlplane")


def _build_crds(folder: Path) -> None:
    paths = [f"paths={types}" for types in CRD_TYPES]
    _go(["tool", "controller-gen", "crd:allowDangerousTypes=true", *paths, f"output:crd:dir={folder}"], HERE / "crds")


def _copy_stages(folder: Path) -> None:
    source = _source(f"sigs.k8s.io/kwok@{KWOK}") / "kustomize" / "stage"
    for kind in STAGES:
        for path in (source / kind).glob("*.yaml"):
            if path.name != "kustomization.yaml":
                shutil.copyfile(path, folder / f"{kind.replace('/', '-')}-{path.name}")


def _source(module: str) -> Path:
    """The folder of a module's sources."""
    found: dict[str, str] = json.loads(_go(["mod", "download", "-json", module], HERE))
    return Path(found["Dir"])


def _go(arguments: list[str], folder: Path, environment: Mapping[str, str] | None = None) -> str:
    """What go printed; raises UnavailableError with its last lines."""
    if shutil.which("go") is None:
        raise UnavailableError("no go on the path: install Go, 1.24 or later (golang)")
    run = subprocess.run(
        ["nice", "go", *arguments],
        cwd=folder,
        env=os.environ | {"GOFLAGS": "-buildvcs=false", "CGO_ENABLED": "0"} | dict(environment or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
        check=False,
    )
    if run.returncode != 0:
        raise UnavailableError(f"go {arguments[0]} failed: {' / '.join(run.stderr.splitlines()[-4:])}")
    return run.stdout


def _hash(folder: Path) -> str:
    """A short name for what the files of a folder say."""
    return sha256(b"\0".join(path.read_bytes() for path in sorted(folder.iterdir()))).hexdigest()[:8]


def main() -> None:
    for name in TOOLS:
        print(tool(name), flush=True)
    for path in (*crds(), *kwok_stages(), keda_scalers()):
        print(path, flush=True)
    print(control_plane(), flush=True)


if __name__ == "__main__":
    try:
        main()
    except UnavailableError as reason:
        sys.exit(str(reason))
