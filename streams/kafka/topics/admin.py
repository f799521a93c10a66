"""Making the topics and looking at them, through an AdminClient. Every call ends within its time limit."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import AbstractContextManager

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, ClusterMetadata, ConfigResource, ResourceType  # type: ignore[attr-defined]
from confluent_kafka.cimpl import NewTopic

from streams.clock import monotonic
from streams.errors import BrokerError
from streams.kafka.errors import NO_RIGHT, Reasons, quiet_config, told
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.check import PresentTopic, TopicProblem, problems, state_problems
from streams.kafka.topics.names import Topic, state_topic_of, topic_names, wanted_topics

LIMIT_S = 15.0


def create_topics(settings: KafkaSettings, limit_s: float = LIMIT_S) -> list[str]:
    """Make the topics that are missing, leave the others as they are; returns the names of those that were made.

    May be called by many workers at once. Returns when every topic has leaders; raises BrokerError.
    """
    admin = _Admin(settings, limit_s)
    topics = wanted_topics(settings)
    missing = _without_leader(topics, admin.metadata())
    made = admin.create([topic for topic in topics if topic.name in missing], settings.topics.replication_factor)
    while missing := _without_leader(topics, admin.metadata()):
        if admin.left() <= 0:
            raise BrokerError(f"can't create topics: {min(missing)} was made but has no leader after {limit_s:g} s")
        time.sleep(0.05)
    return made


def check_topics(settings: KafkaSettings, limit_s: float = LIMIT_S) -> list[TopicProblem]:
    """All that is wrong with the topics, errors first; raises BrokerError where they can't be looked at."""
    admin = _Admin(settings, limit_s)
    wanted, names, metadata = wanted_topics(settings), topic_names(settings), admin.metadata()
    return problems(
        wanted,
        admin.present([topic.name for topic in wanted], metadata),
        state_of=state_topic_of(settings),
        events=names.events,
        dead_letters=names.dead_letters,
        brokers=len(metadata.brokers),
    )


def partition_counts(settings: KafkaSettings, topics: Iterable[str], limit_s: float = LIMIT_S) -> dict[str, int]:
    """How many partitions each of these topics has; raises BrokerError where one isn't there, or where a hit topic and
    its state topic don't fit."""
    metadata = _Admin(settings, limit_s).metadata()
    topics = list(topics)
    for topic in topics:
        if not _exists(topic, metadata):
            raise BrokerError(f"there is no topic {topic} at {settings.brokers}: run `straymail topics create`")
    counts = {topic: len(metadata.topics[topic].partitions) for topic in topics}
    for problem in state_problems(counts, state_topic_of(settings)):
        raise BrokerError(str(problem))
    return counts


class _Admin:
    """One AdminClient and the time that its calls have left together."""

    def __init__(self, settings: KafkaSettings, limit_s: float) -> None:
        self._brokers, self._reasons, self._until = settings.brokers, Reasons(), monotonic() + limit_s
        with told("reach Kafka", self._brokers):
            self._client = AdminClient(quiet_config(settings, self._reasons))

    def left(self) -> float:
        """Seconds left; never below zero."""
        return max(0.0, self._until - monotonic())

    def metadata(self) -> ClusterMetadata:
        with self._told("reach Kafka"):
            return self._client.list_topics(timeout=max(1.0, self.left()))

    def create(self, topics: Iterable[Topic], replication_factor: int) -> list[str]:
        new = [
            NewTopic(topic.name, topic.partitions, replication_factor, config=dict(topic.config)) for topic in topics
        ]
        if not new:
            return []
        futures = self._client.create_topics(new, request_timeout=max(1.0, self.left()))
        return [name for name, future in futures.items() if self._made(name, future.exception())]

    def _made(self, name: str, error: BaseException | None) -> bool:
        """False where another worker was quicker."""
        if error is None:
            return True
        if isinstance(error, KafkaException) and error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
            return False
        with self._told(f"create topic {name}"):
            raise error

    def present(self, names: Iterable[str], metadata: ClusterMetadata) -> dict[str, PresentTopic]:
        """Those of the named topics that are there."""
        there = [name for name in names if _exists(name, metadata)]
        configs = self._configs(there) if there else {}
        return {
            name: PresentTopic(
                partitions=len(metadata.topics[name].partitions),
                copies=min(len(partition.replicas) for partition in metadata.topics[name].partitions.values()),
                config=configs[name],
            )
            for name in there
        }

    def _configs(self, names: Iterable[str]) -> dict[str, dict[str, str] | None]:
        """None where our user has no right to read a topic's configuration."""
        asked = [ConfigResource(ResourceType.TOPIC, name) for name in names]
        found: dict[str, dict[str, str] | None] = {}
        for resource, future in self._client.describe_configs(asked, request_timeout=max(1.0, self.left())).items():
            error = future.exception()
            if isinstance(error, KafkaException) and error.args[0].code() in NO_RIGHT:
                found[resource.name] = None
                continue
            with self._told(f"read the configuration of {resource.name}"):
                found[resource.name] = {name: entry.value for name, entry in future.result().items()}
        return found

    def _told(self, doing: str) -> AbstractContextManager[None]:
        return told(doing, self._brokers, self._reasons, self._client.poll)


def _exists(name: str, metadata: ClusterMetadata) -> bool:
    return name in metadata.topics and metadata.topics[name].error is None


def _without_leader(topics: Iterable[Topic], metadata: ClusterMetadata) -> set[str]:
    """Names of topics that are not there, or not yet with a leader for each partition."""
    return {
        topic.name
        for topic in topics
        if not _exists(topic.name, metadata)
        or not metadata.topics[topic.name].partitions
        or any(partition.leader < 0 for partition in metadata.topics[topic.name].partitions.values())
    }
