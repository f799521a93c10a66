"""Debian's packages, unpacked into the cache: of mail systems only one can be installed at a time."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.cache import UnavailableError, cached

FETCH_SECONDS = 120


def unpacked(name: str, *packages: str) -> Path:
    """The cached folder of that name with the files of these packages. Raises UnavailableError."""

    def unpack(folder: Path) -> None:
        output("apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", *packages, folder=folder)
        for package in folder.glob("*.deb"):
            output("dpkg-deb", "-x", str(package), str(folder))
            package.unlink()

    return cached(name, unpack)


def output(*command: str, folder: Path | None = None) -> str:
    """What a command prints. Raises UnavailableError where it fails."""
    try:
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=FETCH_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise UnavailableError(f"{' '.join(command)}: {error}; run apt-get update first, on Debian") from error
    return run.stdout
