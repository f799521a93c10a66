"""Debian's Exim, unpacked into the cache: it can't be installed beside Postfix, since each is the mail system."""

from __future__ import annotations

import os
import pwd
import subprocess
from pathlib import Path

from tests.cache import UnavailableError, cached

PACKAGE = "exim4-daemon-light"
USER = "Debian-exim"
FETCH_SECONDS = 120


def exim_program() -> Path:
    """The program, fetched where it isn't in the cache. Raises UnavailableError."""
    if os.geteuid() != 0:
        raise UnavailableError("Exim starts as root alone")
    try:
        pwd.getpwnam(USER)
    except KeyError as missing:
        raise UnavailableError(f"Exim's user doesn't exist: useradd --system {USER}") from missing
    program = cached(PACKAGE, _unpack) / "usr" / "sbin" / "exim4"
    lacks = [line.split()[0] for line in _output("ldd", str(program)).splitlines() if "not found" in line]
    if lacks:
        raise UnavailableError(f"Exim lacks {', '.join(lacks)}: install its libraries (libidn12, libgnutls-dane0)")
    return program


def _unpack(folder: Path) -> None:
    _output("apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", PACKAGE, folder=folder)
    (package,) = folder.glob("*.deb")
    _output("dpkg-deb", "-x", str(package), str(folder))
    package.unlink()


def _output(*command: str, folder: Path | None = None) -> str:
    try:
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=FETCH_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise UnavailableError(f"{' '.join(command)}: {error}; run apt-get update first, on Debian") from error
    return run.stdout


if __name__ == "__main__":
    print(exim_program())
