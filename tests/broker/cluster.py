"""A cluster of three real brokers, for tests of replicas and of leaders that are lost."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Self

from tests.broker.apache import ApacheKafka, cluster_id
from tests.broker.ports import free_ports

REPLICATION = {
    "default.replication.factor": "3",
    "min.insync.replicas": "2",
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
}


class ApacheCluster:
    """Three brokers of one cluster; each of `brokers` can be stopped, killed and started on its own."""

    def __init__(self, properties: Mapping[str, str] | None = None) -> None:
        voters = dict(zip((1, 2, 3), free_ports(3), strict=True))
        cluster = cluster_id()
        self.brokers = [
            ApacheKafka(
                node_id=node,
                voters=voters,
                cluster=cluster,
                properties=REPLICATION | dict(properties or {}),
                heap="512m",
            )
            for node in voters
        ]

    @property
    def bootstrap(self) -> str:
        """The addresses of all brokers, comma-separated."""
        return ",".join(broker.bootstrap for broker in self.brokers)

    def create_topics(self, partitions: Mapping[str, int], config: Mapping[str, str] | None = None) -> None:
        self.brokers[0].create_topics(partitions, config)

    def __enter__(self) -> Self:
        try:
            for broker in self.brokers:
                broker.prepare()
            for broker in self.brokers:
                broker.launch()
            for broker in self.brokers:
                broker.wait_until_ready()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop all brokers and delete their data."""
        for broker in self.brokers:
            broker.kill()  # an orderly shutdown of the last two would wait for the others
            broker.close()
