"""A mail host in a chroot: a Debian with Postfix, pipx and systemd's tools, made by debootstrap. systemd itself doesn't
run in it."""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from configparser import RawConfigParser
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.cache import UnavailableError, cached
from tests.deploy.image import AUTHORITIES, DEBIAN, ROOT

PACKAGES = "ca-certificates,pipx,procps,python3-venv,systemd,postfix"
CHECKOUT = "/root/straymail"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
COPIED = ("pyproject.toml", "README.md", "LICENSE", "streams", "deploy")
ASK = """
import os, socket, sys
root, user, group, path, request = sys.argv[1:]
os.chroot(root)
os.chdir("/")
os.setgroups([]), os.setgid(int(group)), os.setuid(int(user))
with socket.socket(socket.AF_UNIX) as asked:
    asked.connect(path)
    asked.sendall(request.encode())
    print(asked.recv(1000).decode().strip())
"""
COMMAND_SECONDS = 600


class MailHost:
    """Its files are at `root`."""

    def __init__(self) -> None:
        if shutil.which("debootstrap") is None:
            raise UnavailableError("no debootstrap on the path: install it (Debian's debootstrap)")
        if os.geteuid() != 0:
            raise UnavailableError("only root can make a chroot")
        made = cached(f"kubernetes/mail-host-{DEBIAN}", _debootstrap)
        self._folder = tempfile.TemporaryDirectory(prefix="straymail-mail-host-", dir=made.parent)
        self.root = Path(self._folder.name) / "root"
        subprocess.run(["cp", "--archive", "--reflink=auto", made, self.root], check=True)

    def __enter__(self) -> Self:
        checkout = self.root / CHECKOUT.lstrip("/")
        checkout.mkdir(parents=True)
        for name in COPIED:
            source = ROOT / name
            shutil.copytree(source, checkout / name) if source.is_dir() else shutil.copy(source, checkout / name)
        for path in (AUTHORITIES, Path("/etc/resolv.conf"), Path("/etc/hosts")):
            if path.exists():
                shutil.copy(path, self.root / str(path).lstrip("/"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()

    def write(self, path: str, text: str) -> None:
        """Write a file of the host."""
        (self.root / path.lstrip("/")).write_text(text)

    def root_shell(self, line: str) -> str:
        """What a command line prints that root types in the checkout. AssertionError where it fails."""
        pip = {
            name: value for name, value in os.environ.items() if name in ("PIP_INDEX_URL", "PIP_CERT", "PIP_TIMEOUT")
        }
        run = subprocess.run(
            self._entered(f"cd {CHECKOUT} && {line}"),
            env={"PATH": PATH, "HOME": "/root", "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive", **pip},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        assert run.returncode == 0, f"{line}\n{run.stdout[-2000:]}{run.stderr[-2000:]}"
        return run.stdout + run.stderr

    def service(self, name: str) -> list[str]:
        """A command that runs what the unit starts, as its user, where its state directory has been made."""
        unit = RawConfigParser(strict=False, allow_no_value=True, comment_prefixes=("#",))
        unit.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's names have capitals
        unit.read(self.root / "etc/systemd/system" / f"{name}.service")
        own = unit["Service"]
        user, state = own["User"], own["StateDirectory"]
        self.root_shell(f"install -d -m {own['StateDirectoryMode']} -o {user} -g {user} /var/lib/{state}")
        start = f"cd {own['WorkingDirectory']} && umask {own['UMask']} && exec setpriv --reuid={user} --regid={user} "
        environment = own["Environment"].replace("%H", socket.gethostname())
        start += f"--init-groups --no-new-privs --bounding-set=-all env -i PATH={PATH} {environment} "
        return self._entered(start + own["ExecStart"])

    def ask_as(self, user: str, folder: str, path: str, request: str) -> str:
        """What a program of this user gets from a Unix socket, in a chroot of the folder; else the error."""
        uid, gid = self.root_shell(f"id -u {user}; id -g {user}").split()
        command = [sys.executable, "-c", ASK, str(self.root / folder.lstrip("/")), uid, gid, path, request]
        run = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        return run.stdout.strip() if run.returncode == 0 else run.stderr.strip().splitlines()[-1]

    def _entered(self, line: str) -> list[str]:
        """A command that runs the line in the chroot; its process gets the signals."""
        mounted = f"mount -t proc proc {shlex.quote(str(self.root / 'proc'))}"
        chroot = shutil.which("chroot")
        return [
            "unshare",
            "--mount",
            "bash",
            "-c",
            f'{mounted} && exec {chroot} "$0" bash -c "$1"',
            str(self.root),
            line,
        ]


def _debootstrap(folder: Path) -> None:
    command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", DEBIAN, str(folder)]
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    run = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=1500, check=False
    )
    if run.returncode != 0:
        raise UnavailableError(f"debootstrap failed: {' / '.join(run.stdout.splitlines()[-3:])}")
