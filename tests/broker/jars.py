"""Apache Kafka's jars: fetched once by Maven, kept in a cache that all checkouts of this user share."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from hashlib import sha256
from pathlib import Path

KAFKA_VERSION = "4.1.0"
POM = Path(__file__).with_name("pom.xml")
FETCH_SECONDS = 600


class UnavailableError(Exception):
    """A real broker can't run here; the message says why and what to install."""


def cache() -> Path:
    """The jars' folder, in `$STRAYMAIL_CACHE` or the user's cache: one for each pom, there only when it is complete."""
    root = os.environ.get("STRAYMAIL_CACHE") or Path.home() / ".cache" / "straymail"
    return Path(root).expanduser().absolute() / f"kafka-{KAFKA_VERSION}-{sha256(POM.read_bytes()).hexdigest()[:8]}"


def jars() -> Path:
    """The folder of jars, fetched when it isn't there yet; raises UnavailableError."""
    if shutil.which("java") is None:
        raise UnavailableError("no java on the path: install a Java runtime, 17 or later (openjdk-17-jre-headless)")
    if not cache().is_dir():
        _fetch(cache())
    return cache()


def _fetch(target: Path) -> None:
    """Into a folder beside the target, then renamed: nobody ever sees half of the jars, and two may fetch at once."""
    if shutil.which("mvn") is None:
        raise UnavailableError(f"no mvn on the path and no jars in {target}: install Maven (maven)")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fetching-", dir=target.parent) as folder:
        jars_folder = Path(folder) / "jars"
        _run_maven(jars_folder)
        try:
            jars_folder.rename(target)
        except OSError:
            if not target.is_dir():  # otherwise another process was quicker, with the same jars
                raise


def _run_maven(folder: Path) -> None:
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
    return " / ".join(line.strip() for line in text.splitlines()[-3:]) or "it said nothing"


if __name__ == "__main__":
    print(jars())
