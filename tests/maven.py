"""Jars that tests need: downloaded once by Maven, into a cache that all checkouts of this user share."""

from __future__ import annotations

import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

from tests.cache import UnavailableError, cache_folder, cached

FETCH_SECONDS = 600


class MavenJars:
    """The jars of one pom. `whose` is for messages, `name` for the cache and the pom, which has the version as
    `${name.version}`.
    """

    def __init__(self, whose: str, pom: Path, version: str, *, name: str) -> None:
        self._whose, self._pom = whose, pom
        self._version = f"-D{name}.version={version}"
        self._name = f"{name}-{version}-{sha256(pom.read_bytes()).hexdigest()[:8]}"

    def cache(self) -> Path:
        """The folder of the jars, which may not exist yet."""
        return cache_folder(self._name)

    def folder(self) -> Path:
        """The folder of the jars, downloaded where it doesn't exist yet; raises UnavailableError."""
        if shutil.which("java") is None:
            raise UnavailableError("no java on the path: install a Java runtime, 17 or later (openjdk-17-jre-headless)")
        return cached(self._name, self._run_maven)

    def _run_maven(self, folder: Path) -> None:
        if shutil.which("mvn") is None:
            raise UnavailableError(f"no mvn on the path and no jars in {self.cache()}: install Maven (maven)")
        goal = ["dependency:copy-dependencies", f"-DoutputDirectory={folder}", "-DincludeScope=runtime"]
        command = ["mvn", "-q", "-B", "-f", str(self._pom), self._version, *goal]
        try:
            run = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False
            )
        except subprocess.TimeoutExpired as late:
            raise UnavailableError(f"mvn didn't fetch {self._whose} jars within {FETCH_SECONDS} s") from late
        if run.returncode != 0:
            raise UnavailableError(f"mvn can't fetch {self._whose} jars: {_last_lines(run.stdout + run.stderr)}")


def _last_lines(text: str) -> str:
    return " / ".join(line.strip() for line in text.splitlines()[-3:]) or "no output"
