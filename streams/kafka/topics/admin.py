"""Creates and checks the topics, through an AdminClient. Every call ends within its time limit."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, ClusterMetadata, ConfigResource, ResourceType  # type: ignore[attr-defined]
from confluent_kafka.cimpl import NewTopic

from streams.clock import monotonic
from streams.errors import BrokerError, BrokerUnreachable
from streams.kafka.errors import NOT_AUTHORIZED, ConnectionErrors, quiet_config, translate_errors
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.check import PresentTopic, TopicProblem, problems, state_problems
from streams.kafka.topics.names import Topic, state_topic_of, topic_names, wanted_topics

LIMIT_S = 15.0
ANSWER_S = 3.0


def wait_for_brokers(settings: KafkaSettings, on_wait: Callable[[BrokerUnreachable], None]) -> None:
    """Return when a broker answers; `on_wait` is called after ANSWER_S without an answer, then every second or so.
    Raises BrokerError where Kafka refuses."""
    admin = _Admin(settings, ANSWER_S)  # one client for all requests, so that a slow connection is completed
    while True:
        try:
            admin.metadata()
        except BrokerUnreachable as error:
            on_wait(error)
        else:
            return


def create_topics(settings: KafkaSettings, limit_s: float = LIMIT_S) -> list[str]:
    """Create the missing topics, leave the others as they are, and return the names of the created ones.

    Many workers may call this at once. Returns when every partition has a leader; raises BrokerError.
    """
    admin = _Admin(settings, limit_s)
    topics = wanted_topics(settings)
    missing = _without_leaders(topics, admin.metadata())
    created = admin.create([topic for topic in topics if topic.name in missing], settings.topics.replication_factor)
    while missing := _without_leaders(topics, admin.metadata()):
        if admin.remaining_s() <= 0:
            raise BrokerError(f"can't create topics: {min(missing)} was created but has no leader after {limit_s:g} s")
        time.sleep(0.05)
    return created


def check_topics(settings: KafkaSettings, limit_s: float = LIMIT_S) -> list[TopicProblem]:
    """All problems of the topics, errors first; raises BrokerError where they can't be checked."""
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
    """The number of partitions of each topic. Raises BrokerError where one is missing, or where a hit topic and its
    state topic differ in it."""
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
    """An AdminClient, whose calls share one time limit."""

    def __init__(self, settings: KafkaSettings, limit_s: float) -> None:
        self._brokers, self._errors, self._until = settings.brokers, ConnectionErrors(), monotonic() + limit_s
        with translate_errors("reach Kafka", self._brokers):
            self._client = AdminClient(quiet_config(settings, self._errors))

    def remaining_s(self) -> float:
        """Seconds left; never below zero."""
        return max(0.0, self._until - monotonic())

    def metadata(self) -> ClusterMetadata:
        with self._translate_errors("reach Kafka"):
            return self._client.list_topics(timeout=max(1.0, self.remaining_s()))

    def create(self, topics: Iterable[Topic], replication_factor: int) -> list[str]:
        new = [
            NewTopic(topic.name, topic.partitions, replication_factor, config=dict(topic.config)) for topic in topics
        ]
        if not new:
            return []
        futures = self._client.create_topics(new, request_timeout=max(1.0, self.remaining_s()))
        return [name for name, future in futures.items() if self._was_created(name, future.exception())]

    def _was_created(self, name: str, error: BaseException | None) -> bool:
        """False where another worker has created the topic first."""
        if error is None:
            return True
        if isinstance(error, KafkaException) and error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
            return False
        with self._translate_errors(f"create topic {name}"):
            raise error

    def present(self, names: Iterable[str], metadata: ClusterMetadata) -> dict[str, PresentTopic]:
        """The named topics that exist, by name."""
        existing = [name for name in names if _exists(name, metadata)]
        configs = self._configs(existing) if existing else {}
        return {
            name: PresentTopic(
                partitions=len(metadata.topics[name].partitions),
                replicas=min(len(partition.replicas) for partition in metadata.topics[name].partitions.values()),
                config=configs[name],
            )
            for name in existing
        }

    def _configs(self, names: Iterable[str]) -> dict[str, dict[str, str] | None]:
        """The configuration of each topic; None where this user has no permission to describe it."""
        resources = [ConfigResource(ResourceType.TOPIC, name) for name in names]
        found: dict[str, dict[str, str] | None] = {}
        futures = self._client.describe_configs(resources, request_timeout=max(1.0, self.remaining_s()))
        for resource, future in futures.items():
            error = future.exception()
            if isinstance(error, KafkaException) and error.args[0].code() in NOT_AUTHORIZED:
                found[resource.name] = None
                continue
            with self._translate_errors(f"read the configuration of {resource.name}"):
                found[resource.name] = {name: entry.value for name, entry in future.result().items()}
        return found

    def _translate_errors(self, action: str) -> AbstractContextManager[None]:
        return translate_errors(action, self._brokers, self._errors, self._client.poll)


def _exists(name: str, metadata: ClusterMetadata) -> bool:
    return name in metadata.topics and metadata.topics[name].error is None


def _without_leaders(topics: Iterable[Topic], metadata: ClusterMetadata) -> set[str]:
    """Names of the topics that don't exist, or whose partitions don't all have a leader yet."""
    return {
        topic.name
        for topic in topics
        if not _exists(topic.name, metadata)
        or not metadata.topics[topic.name].partitions
        or any(partition.leader < 0 for partition in metadata.topics[topic.name].partitions.values())
    }
