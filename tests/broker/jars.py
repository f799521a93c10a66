"""Apache Kafka's jars."""

from __future__ import annotations

from pathlib import Path

from tests.maven import MavenJars

KAFKA_VERSION = "4.1.0"
OTHER_VERSIONS = ("3.9.2", "4.4.0")
"""The last version before the group protocol of Kafka 4, and the newest: tests/pipeline/test_kafka_versions.py runs on
them."""


def _jars(version: str) -> MavenJars:
    return MavenJars("Kafka's", Path(__file__).with_name("pom.xml"), version, name="kafka")


def cache(version: str = KAFKA_VERSION) -> Path:
    """The folder of the jars, which may not exist yet."""
    return _jars(version).cache()


def jars(version: str = KAFKA_VERSION) -> Path:
    """The folder of the jars, downloaded where it doesn't exist yet; raises UnavailableError."""
    return _jars(version).folder()


if __name__ == "__main__":
    for each in (KAFKA_VERSION, *OTHER_VERSIONS):
        print(jars(each))
