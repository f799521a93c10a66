"""Debian's Exim, unpacked into the cache: it can't be installed beside Postfix, since each is the mail system."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from tests.cache import UnavailableError
from tests.debian_packages import output, unpacked

PACKAGE = "exim4-daemon-light"
USER = "Debian-exim"


def exim_program() -> Path:
    """The program, fetched where it isn't in the cache. Raises UnavailableError."""
    if os.geteuid() != 0:
        raise UnavailableError("Exim starts as root alone")
    try:
        pwd.getpwnam(USER)
    except KeyError as missing:
        raise UnavailableError(f"Exim's user doesn't exist: useradd --system {USER}") from missing
    program = unpacked(PACKAGE, PACKAGE) / "usr" / "sbin" / "exim4"
    lacks = [line.split()[0] for line in output("ldd", str(program)).splitlines() if "not found" in line]
    if lacks:
        raise UnavailableError(f"Exim lacks {', '.join(lacks)}: install its libraries (libidn12, libgnutls-dane0)")
    return program


if __name__ == "__main__":
    print(exim_program())
