"""The image, built without a container engine: buildah in a chroot, on a Debian that debootstrap makes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.cache import UnavailableError, cached

ROOT = Path(__file__).parents[2]
DEBIAN = "bookworm"
SLIM = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info", "var/cache/apt", "var/lib/apt/lists")
"""What Debian's slim images leave out as well."""
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
BUILD_SECONDS = 1500


class Image:
    """Built when entered; its root is mounted at `root`."""

    def __init__(self) -> None:
        for program in ("buildah", "debootstrap"):
            if shutil.which(program) is None:
                raise UnavailableError(f"no {program} on the path: install it (Debian's {program})")
        if os.geteuid() != 0:
            raise UnavailableError("only root can build and mount an image here")
        self._folder = Path(
            tempfile.mkdtemp(prefix="straymail-image-", dir=cached(f"kubernetes/debian-{DEBIAN}", _debootstrap).parent)
        )
        self.root = Path()
        self.config: dict[str, Any] = {}

    def __enter__(self) -> Self:
        try:
            self._build()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._remove()

    def size(self) -> int:
        """Bytes of all its files."""
        return sum(path.lstat().st_size for path in self.root.rglob("*") if path.is_file() and not path.is_symlink())

    @property
    def environment(self) -> dict[str, str]:
        """The variables that it sets."""
        return dict(entry.split("=", 1) for entry in self.config["Env"])

    def as_container(self, *arguments: str) -> list[str]:
        """A command that runs the image's entry point with these arguments as the image's user, on a root that can't
        be written to, with a working directory of its own."""
        user, root = self.config["User"], self.root
        mounts = [
            f"mount --bind {root} {root}",
            f"mount -o remount,bind,ro {root}",
            f"mount -t tmpfs tmpfs {root}{self.config['WorkingDir']}",
            f"mount -t proc proc {root}/proc",
        ]
        chroot = shutil.which("chroot")
        program = f'exec {chroot} --userspec="$1" "$2" sh -c \'cd "$0" && exec "$@"\' "$3" "${{@:4}}"'
        script = " && ".join([*mounts, program])
        command = [*self.config["Entrypoint"], *(arguments or self.config["Cmd"])]
        return ["unshare", "--mount", "bash", "-c", script, "-", user, str(root), self.config["WorkingDir"], *command]

    def _build(self) -> None:
        base = self._buildah("from", "scratch")
        self._buildah("add", "--quiet", base, str(cached(f"kubernetes/debian-{DEBIAN}", _debootstrap)), "/")
        self._buildah("commit", "--quiet", "--rm", base, "localhost/debian")
        authorities = [f"--volume={AUTHORITIES}:{AUTHORITIES}:ro"] if AUTHORITIES.exists() else []
        options = ["--isolation=chroot", "--format=oci", "--build-arg=BASE=localhost/debian", *authorities]
        ignore = f"--ignorefile={ROOT / '.containerignore'}"
        file = f"--file={ROOT / 'deploy' / 'Containerfile'}"
        self._buildah("build", *options, ignore, file, "--tag=localhost/straymail", str(ROOT))
        container = self._buildah("from", "--pull-never", "localhost/straymail")
        self.config = json.loads(self._buildah("inspect", container))["OCIv1"]["config"]
        self.root = Path(self._buildah("mount", container))

    def _buildah(self, verb: str, *arguments: str) -> str:
        storage = [f"--root={self._folder / 'storage'}", f"--runroot={self._folder / 'run'}", "--storage-driver=vfs"]
        run = subprocess.run(
            ["nice", "buildah", *storage, verb, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=BUILD_SECONDS,
            check=False,
        )
        assert run.returncode == 0, f"buildah {verb} failed:\n{run.stdout[-3000:]}{run.stderr[-3000:]}"
        return run.stdout.strip()

    def _remove(self) -> None:
        self._buildah("rm", "--all")
        self._buildah("rmi", "--all", "--force")
        shutil.rmtree(self._folder, ignore_errors=True)


def _debootstrap(folder: Path) -> None:
    """A Debian as slim as Debian's own images."""
    command = ["debootstrap", "--variant=minbase", "--include=ca-certificates", DEBIAN, str(folder)]
    run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900, check=False)
    if run.returncode != 0:
        raise UnavailableError(f"debootstrap failed: {' / '.join(run.stdout.splitlines()[-3:])}")
    for left_out in SLIM:
        for path in (folder / left_out).glob("*"):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
