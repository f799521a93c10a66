"""Which partitions' state a worker loads, keeps and drops in a rebalance."""

from __future__ import annotations

import asyncio

import pytest

from streams.errors import BrokerError, BrokerUnreachable, ConnectionsClosed, TopicMissing
from streams.findings.settings import FindingsSettings
from streams.findings.state import PartitionState
from streams.kafka.partition import Partition
from streams.worker import restore
from streams.worker.restore import RestorePoint, StateRestore
from tests.findings.worker import DIGESTS

ONE, TWO, THREE = (Partition("mail.typo-hits", number) for number in range(3))
POLICY = FindingsSettings().policy()


class Restoring:
    """A worker's states; `loads` has what was loaded, each with the offset from which its hits will be read."""

    def __init__(self) -> None:
        self.states: dict[Partition, PartitionState] = {}
        self.committed = {ONE: 10, TWO: 20, THREE: 30}
        self.loads: list[tuple[Partition, int]] = []
        self.unanswered, self.error = 0, BrokerError("refused")
        self.restore = StateRestore(self.states, load=self._load, point=self._point)

    def _load(self, partition: Partition, point: RestorePoint) -> PartitionState:
        self._ask()
        self.loads.append((partition, point.start_offset))
        return PartitionState(POLICY, DIGESTS, "sender")

    async def _point(self, partition: Partition) -> RestorePoint:
        self._ask()
        return RestorePoint(self.committed[partition], 0, 0, 0)

    def _ask(self) -> None:
        """As of a Kafka that doesn't answer the next requests."""
        if self.unanswered:
            self.unanswered -= 1
            raise self.error

    def __call__(self, *assigned: Partition, generation: int) -> list[tuple[Partition, int]]:
        """What a rebalance with this outcome loads."""
        before = len(self.loads)
        asyncio.run(self.restore(assigned, generation))
        return self.loads[before:]


def test_each_partition_is_loaded_for_the_offset_that_is_committed() -> None:
    restoring = Restoring()
    assert restoring(TWO, ONE, generation=4) == [(ONE, 10), (TWO, 20)]
    assert set(restoring.states) == {ONE, TWO}


def test_newly_assigned_partitions_are_loaded_and_the_others_kept() -> None:
    restoring = Restoring()
    restoring(ONE, generation=4)
    kept = restoring.states[ONE]
    assert restoring(ONE, THREE, generation=5) == [(THREE, 30)]
    assert restoring.states[ONE] is kept


def test_a_revoked_partition_is_dropped_and_loaded_when_it_comes_back() -> None:
    restoring = Restoring()
    restoring(ONE, TWO, generation=1)
    assert restoring(TWO, generation=2) == []
    assert set(restoring.states) == {TWO}
    restoring.committed[ONE] = 11
    assert restoring(ONE, TWO, generation=3) == [(ONE, 11)]


@pytest.mark.parametrize("generation", [7, 4, 1])
def test_after_a_generation_without_this_worker_everything_is_loaded_again(generation: int) -> None:
    """Another worker may have counted on in between; a generation can come again where the group was made again."""
    restoring = Restoring()
    restoring(ONE, TWO, generation=4)
    assert restoring(ONE, TWO, generation=generation) == [(ONE, 10), (TWO, 20)]


def test_a_worker_without_partitions_has_no_state() -> None:
    restoring = Restoring()
    restoring(ONE, generation=1)
    assert restoring(generation=2) == []
    assert restoring.states == {}


@pytest.mark.parametrize("unanswered", [1, 2, 3])
@pytest.mark.parametrize("error", [BrokerUnreachable("no"), ConnectionsClosed("no"), TopicMissing("no")])
def test_kafka_is_waited_for(
    unanswered: int, error: BrokerError, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(restore, "RETRY_SECONDS", 0.001)
    restoring = Restoring()
    restoring.unanswered, restoring.error = unanswered, error
    assert restoring(TWO, generation=1) == [(TWO, 20)]
    (said,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert said == "waiting for Kafka, to restore the state of mail.typo-hits, 1: no"


@pytest.mark.parametrize("error", [BrokerError("refused"), TopicMissing("deleted")])
def test_a_refusal_and_a_topic_that_stays_missing_end_the_restore(
    error: BrokerError, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restore, "SETTLE_SECONDS", -1)
    restoring = Restoring()
    restoring.unanswered, restoring.error = 1, error
    with pytest.raises(BrokerError, match=str(error)):
        restoring(ONE, generation=1)


def test_what_cannot_be_loaded_fails_the_restore() -> None:
    restoring = Restoring()
    del restoring.committed[TWO]
    with pytest.raises(KeyError):
        restoring(TWO, generation=1)
    assert restoring.states == {}


def test_after_a_failed_restore_nothing_older_is_kept() -> None:
    restoring = Restoring()
    restoring(ONE, generation=1)
    del restoring.committed[TWO]
    with pytest.raises(KeyError):
        restoring(ONE, TWO, generation=2)
    restoring.committed[TWO] = 20
    assert restoring(ONE, TWO, generation=3) == [(ONE, 10), (TWO, 20)]
