"""A control plane as child processes: etcd, API server, controllers, scheduler, and kwok for a node and its pods."""

from __future__ import annotations

import json
import os
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml

from tests.broker.ports import free_ports
from tests.cache import UnavailableError
from tests.deploy.plane.build import control_plane, crds, kwok_stages, tool

TOKEN = "admin-token"  # noqa: S105 - of a cluster that lives for one test run, on this machine
START_SECONDS = 120.0
NODE = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {"name": "node", "labels": {"kubernetes.io/hostname": "node", "kubernetes.io/os": "linux"}},
    "status": {kind: {"cpu": "64", "memory": "256Gi", "pods": "110"} for kind in ("allocatable", "capacity")},
}

Object = dict[str, Any]


class ControlPlane:
    """Use it in a `with` statement; `kubeconfig` is the administrator's, for helm."""

    def __init__(self) -> None:
        if shutil.which("etcd") is None:
            raise UnavailableError("no etcd on the path: install etcd-server")
        self._programs, self._kwok, self._stages = control_plane(), tool("kwok"), kwok_stages()
        self._folder = Path(tempfile.mkdtemp(prefix="straymail-kubernetes-"))
        self._port, self._etcd, self._peer, self._controllers, self._scheduler = free_ports(5)
        self._processes: list[subprocess.Popen[bytes]] = []
        self.kubeconfig = self._folder / "kubeconfig"

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End what was started last first, and forget the state."""
        for process in reversed(self._processes):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def environment(self) -> dict[str, str]:
        """For helm; its own caches in this cluster's folder."""
        home = {name: str(self._folder / name) for name in ("HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME")}
        return {**os.environ, **home, "KUBECONFIG": str(self.kubeconfig)}

    def get(self, path: str) -> Object:
        """What the API server answers; raises urllib.error.HTTPError."""
        return self._ask("GET", path)

    def items(self, path: str) -> list[Object]:
        """The objects of a list."""
        found: list[Object] = self.get(path)["items"]
        return found

    def create(self, path: str, manifest: Object) -> Object:
        return self._ask("POST", path, manifest)

    def patch(self, path: str, change: Object) -> Object:
        return self._ask("PATCH", path, change, "application/merge-patch+json")

    def delete(self, path: str) -> Object:
        return self._ask("DELETE", path)

    def register_crds(self) -> None:
        """Those of KEDA and of the Prometheus operator; returns when they are served."""
        path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        for file in crds():
            self.create(path, yaml.safe_load(file.read_text()))
        self._wait(lambda: all(map(_is_established, self.items(path))), "the CRDs are established")

    def _ask(self, method: str, path: str, body: Object | None = None, kind: str = "application/json") -> Object:
        request = urllib.request.Request(
            f"https://127.0.0.1:{self._port}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": kind},
        )
        context = ssl.create_default_context(cafile=str(self._folder / "certs" / "apiserver.crt"))
        with urllib.request.urlopen(request, timeout=30, context=context) as answer:  # noqa: S310
            found: Object = json.loads(answer.read())
        return found

    def _start(self) -> None:
        folder, key = self._folder, self._folder / "sa.key"
        subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
        (folder / "tokens.csv").write_text(f"{TOKEN},admin,admin,system:masters\n")
        self._start_store()
        self._start_api_server(key)
        self._wait(self._is_ready, "the API server is ready")
        self._write_kubeconfig()
        self._launch(
            "kube-controller-manager",
            **self._as_client("controllers", self._controllers),
            service_account_private_key_file=key,
            root_ca_file=folder / "certs" / "apiserver.crt",
        )
        self._launch("kube-scheduler", **self._as_client("scheduler", self._scheduler))
        self.create("/api/v1/nodes", NODE)
        stages = folder / "stages.yaml"
        stages.write_text("---\n".join(path.read_text() for path in self._stages))
        self._launch(
            "kwok",
            kubeconfig=self.kubeconfig,
            manage_all_nodes="true",
            config=stages,
            cidr="10.1.0.1/24",
            node_lease_duration_seconds=40,  # without a lease the node is taken for lost after 40 s
        )

    def _start_store(self) -> None:
        client, peer = f"http://127.0.0.1:{self._etcd}", f"http://127.0.0.1:{self._peer}"
        self._launch(
            "etcd",
            data_dir=self._folder / "etcd",
            listen_client_urls=client,
            advertise_client_urls=client,
            listen_peer_urls=peer,
            initial_advertise_peer_urls=peer,
            initial_cluster=f"default={peer}",
        )

    def _start_api_server(self, key: Path) -> None:
        self._launch(
            "kube-apiserver",
            etcd_servers=f"http://127.0.0.1:{self._etcd}",
            secure_port=self._port,
            bind_address="127.0.0.1",
            cert_dir=self._folder / "certs",
            service_account_key_file=key,
            service_account_signing_key_file=key,
            service_account_issuer="https://kubernetes.default.svc",
            service_cluster_ip_range="10.0.0.0/24",
            token_auth_file=self._folder / "tokens.csv",
            authorization_mode="RBAC",
        )

    def _as_client(self, name: str, port: int) -> dict[str, object]:
        return {
            "kubeconfig": self.kubeconfig,
            "leader_elect": "false",
            "secure_port": port,
            "bind_address": "127.0.0.1",
            "cert_dir": self._folder / name,
        }

    def _launch(self, name: str, **flags: object) -> None:
        arguments = [f"--{flag.replace('_', '-')}={value}" for flag, value in flags.items()]
        program = {"etcd": Path("etcd"), "kwok": self._kwok}.get(name, self._programs / name)
        with (self._folder / f"{name}.log").open("wb") as log:
            self._processes.append(
                subprocess.Popen(
                    [program, *arguments],
                    cwd=self._folder,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            )

    def _is_ready(self) -> bool:
        try:
            return bool(self.get("/version")) and bool(self.get("/api/v1/namespaces/default"))
        except (OSError, urllib.error.HTTPError):
            return False

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        """Return when it is so; raises RuntimeError with the ends of the logs."""
        end = time.monotonic() + START_SECONDS
        while not condition():
            ended = [process for process in self._processes if process.poll() is not None]
            if ended or time.monotonic() > end:
                logs = "\n".join(log.read_text(errors="replace")[-1500:] for log in self._folder.glob("*.log"))
                raise RuntimeError(f"not within {START_SECONDS:g} s, or a part ended: {what}\n{logs}")
            time.sleep(0.1)

    def _write_kubeconfig(self) -> None:
        cluster = {
            "server": f"https://127.0.0.1:{self._port}",
            "certificate-authority": str(self._folder / "certs" / "apiserver.crt"),
        }
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "local", "cluster": cluster}],
            "users": [{"name": "admin", "user": {"token": TOKEN}}],
            "contexts": [{"name": "local", "context": {"cluster": "local", "user": "admin"}}],
            "current-context": "local",
        }
        self.kubeconfig.write_text(yaml.safe_dump(config))


def _is_established(crd: Object) -> bool:
    conditions = crd.get("status", {}).get("conditions") or []
    return any(c["type"] == "Established" and c["status"] == "True" for c in conditions)
