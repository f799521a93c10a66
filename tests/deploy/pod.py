"""A pod's containers without a kubelet: the volumes of the rendered objects as folders, the chart's own environment and
arguments given to the real program."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.deploy.chart import Manifest, containers, named

MOUNTS = "/etc/straymail"


@dataclass(frozen=True)
class Container:
    """What a container runs: arguments of `straymail`, and its environment."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str]

    @property
    def settings(self) -> dict[str, str]:
        """The environment as a test's worker takes it; it listens on a free port of this machine alone."""
        own = {name.removeprefix("STRAYMAIL_"): value for name, value in self.environment.items()}
        return {name: value for name, value in own.items() if name not in ("WEB_HOST", "WEB_PORT")}


class Pod:
    """`secrets` are Secrets by name, as data in plain bytes."""

    def __init__(
        self, pod: Manifest, manifests: list[Manifest], folder: Path, secrets: Mapping[str, Mapping[str, bytes]]
    ) -> None:
        self._pod, self._manifests, self._folder, self._secrets = pod, manifests, folder, secrets
        self._name = f"straymail-worker-{uuid.uuid4().hex[:5]}"
        for mount in pod["containers"][0]["volumeMounts"]:
            if mount["mountPath"].startswith(MOUNTS):
                (volume,) = [volume for volume in pod["volumes"] if volume["name"] == mount["name"]]
                self.replace(mount["mountPath"].removeprefix(f"{MOUNTS}/"), self._files(volume))

    def container(self, name: str) -> Container:
        """Its paths lead into the folder."""
        (found,) = [container for container in containers(self._pod) if container["name"] == name]
        environment = {entry["name"]: self._value(entry) for entry in found["env"]}
        return Container(tuple(found["args"]), environment)

    def _value(self, entry: Manifest) -> str:
        """The value of an environment variable, which may be the pod's name."""
        if "valueFrom" in entry:
            assert entry["valueFrom"] == {"fieldRef": {"fieldPath": "metadata.name"}}
            return self._name
        return str(entry["value"]).replace(MOUNTS, str(self._folder))

    def replace(self, mount: str, files: Mapping[str, bytes]) -> None:
        """The files of a mounted ConfigMap have changed: as the kubelet does it, all at once, by moving a link."""
        folder = self._folder / mount
        version = folder / f"..{len(list(folder.glob('..[0-9]*')))}"
        version.mkdir(parents=True)
        for name, content in files.items():
            (version / name).write_bytes(content)
            if not (folder / name).is_symlink():
                (folder / name).symlink_to(Path("..data") / name)
        (folder / "..new").symlink_to(version.name)
        (folder / "..new").rename(folder / "..data")

    def _files(self, volume: Manifest) -> dict[str, bytes]:
        if "configMap" in volume:
            data = named(self._manifests, "ConfigMap", volume["configMap"]["name"])["data"]
            return {name: text.encode() for name, text in data.items()}
        return {
            item["path"]: self._secrets[source["secret"]["name"]][item["key"]]
            for source in volume["projected"]["sources"]
            for item in source["secret"]["items"]
        }
