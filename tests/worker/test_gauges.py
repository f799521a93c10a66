"""The gauges that are sampled every few seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from streams.findings.settings import FindingsSettings
from streams.findings.state import PartitionState
from streams.kafka.dataplane.assignment import Assignment
from streams.kafka.partition import Partition
from streams.metrics import Metrics
from streams.worker.gauges import Gauges
from tests.findings.samples import hit
from tests.findings.worker import DIGESTS
from tests.worker.samples import sample

POLICY = FindingsSettings().policy()
RULE = next(rule.name for rule in POLICY.rules if rule.group_by == "sender")
ONE, TWO = Partition("mail.typo-hits", 0), Partition("mail.typo-hits", 1)


class Lagging(Assignment):
    """Partitions that are so many records behind."""

    def __init__(self, lags: dict[Partition, int]) -> None:
        super().__init__(app=None)
        self._lags = lags

    def lag(self) -> Iterator[tuple[Partition, int]]:
        yield from self._lags.items()


def state(*senders: str) -> PartitionState:
    """A state with an open finding on each of these."""
    counted = PartitionState(POLICY, DIGESTS, "sender")
    list(counted.apply([hit(sender=sender) for sender in senders], first_offset=0, last_offset=len(senders) - 1))
    return counted


def look(lags: dict[Partition, int], states: dict[Partition, PartitionState]) -> Any:
    metrics = Metrics("test")
    asyncio.run(Gauges(metrics, Lagging(lags), states, lambda: POLICY)())
    return metrics


def test_the_lag_is_told_by_partition() -> None:
    metrics = look({ONE: 7, TWO: 0}, {})
    assert sample(metrics, "consumer_lag", topic=ONE.topic, partition="0") == 7
    assert sample(metrics, "consumer_lag", topic=TWO.topic, partition="1") == 0


def test_open_findings_are_summed_over_the_partitions_by_rule() -> None:
    metrics = look({}, {ONE: state("a@mod.example", "b@mod.example"), TWO: state("c@mod.example")})
    assert sample(metrics, "findings_open", rule=RULE) == 3


def test_partitions_whose_state_has_lost_records_are_counted_until_it_is_whole() -> None:
    lost = PartitionState.load(POLICY, DIGESTS, "sender", [], 7)
    metrics = look({}, {ONE: lost, TWO: state("a@mod.example")})
    assert sample(metrics, "state_damaged", topic=ONE.topic) == 1 + 0
    assert sample(look({}, {ONE: state("a@mod.example")}), "state_damaged", topic=ONE.topic) == 0


def test_every_rule_has_its_gauge_even_where_nothing_is_assigned() -> None:
    metrics = look({}, {})
    assert {rule.name: sample(metrics, "findings_open", rule=rule.name) for rule in POLICY.rules} == {
        rule.name: 0 for rule in POLICY.rules
    }
