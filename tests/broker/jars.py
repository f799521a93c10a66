"""Apache Kafka's jars."""

from __future__ import annotations

from pathlib import Path

from tests.maven import MavenJars

KAFKA_VERSION = "4.1.0"
_JARS = MavenJars("Kafka's", Path(__file__).with_name("pom.xml"), KAFKA_VERSION, name="kafka")


def cache() -> Path:
    """The folder of the jars, which may not exist yet."""
    return _JARS.cache()


def jars() -> Path:
    """The folder of the jars, downloaded where it doesn't exist yet; raises UnavailableError."""
    return _JARS.folder()


if __name__ == "__main__":
    print(jars())
