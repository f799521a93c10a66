"""Gauges that are sampled every few seconds: consumer lag and open findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from streams.findings.rules import FindingPolicy
from streams.findings.state import PartitionState
from streams.kafka.dataplane.assignment import Assignment
from streams.kafka.partition import Partition
from streams.metrics import Metrics

GAUGE_SECONDS = 5.0


class Gauges:
    """Samples the gauges of the assigned partitions; `policy` returns the finding policy in use."""

    def __init__(
        self,
        metrics: Metrics,
        assignment: Assignment,
        states: Mapping[Partition, PartitionState],
        policy: Callable[[], FindingPolicy],
    ) -> None:
        self._metrics, self._assignment, self._states, self._policy = metrics, assignment, states, policy

    async def __call__(self) -> None:
        """Set all gauges to their current values."""
        damaged = Counter({partition.topic: 0 for partition in self._states})
        damaged.update(partition.topic for partition, state in self._states.items() if state.is_damaged)
        for topic, number in damaged.items():
            self._metrics.state_damaged.labels(topic).set(number)
        for partition, lag in self._assignment.lag():
            self._metrics.consumer_lag.labels(partition.topic, str(partition.partition)).set(lag)
        for rule in self._policy().rules:
            open_now = sum(state.findings_open().get(rule.name, 0) for state in self._states.values())
            self._metrics.findings_open.labels(rule.name).set(open_now)
