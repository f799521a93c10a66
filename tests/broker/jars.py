"""Apache Kafka's jars: downloaded once by Maven, into a cache that all checkouts of this user share."""

from __future__ import annotations

import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

from tests.cache import UnavailableError, cache_folder, cached

KAFKA_VERSION = "4.1.0"
POM = Path(__file__).with_name("pom.xml")
FETCH_SECONDS = 600


def _name() -> str:
    """The cache's name for the present version and pom."""
    return f"kafka-{KAFKA_VERSION}-{sha256(POM.read_bytes()).hexdigest()[:8]}"


def cache() -> Path:
    """The folder of the jars, which may not exist yet."""
    return cache_folder(_name())


def jars() -> Path:
    """The folder of the jars, downloaded where it doesn't exist yet; raises UnavailableError."""
    if shutil.which("java") is None:
        raise UnavailableError("no java on the path: install a Java runtime, 17 or later (openjdk-17-jre-headless)")
    return cached(_name(), _run_maven)


def _run_maven(folder: Path) -> None:
    if shutil.which("mvn") is None:
        raise UnavailableError(f"no mvn on the path and no jars in {cache()}: install Maven (maven)")
    goal = ["dependency:copy-dependencies", f"-DoutputDirectory={folder}", "-DincludeScope=runtime"]
    command = ["mvn", "-q", "-B", "-f", str(POM), f"-Dkafka.version={KAFKA_VERSION}", *goal]
    try:
        run = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as late:
        raise UnavailableError(f"mvn didn't fetch Kafka's jars within {FETCH_SECONDS} s") from late
    if run.returncode != 0:
        raise UnavailableError(f"mvn can't fetch Kafka's jars: {_last_lines(run.stdout + run.stderr)}")


def _last_lines(text: str) -> str:
    return " / ".join(line.strip() for line in text.splitlines()[-3:]) or "no output"


if __name__ == "__main__":
    print(jars())
