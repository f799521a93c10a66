"""A rebalance that begins while a worker restores the state of the one before."""

from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace
from typing import Any

import pytest
from faust.tables.recovery import Recovery
from faust.types import TP

from streams.kafka.dataplane.assignment import Assignment
from streams.kafka.dataplane.transport import Consumer
from streams.worker.pipeline import Pipeline
from streams.worker.readiness import Readiness

PARTITION = TP("mail.events", 0)


class Member(Consumer):
    """A group member without a broker, to which one partition is assigned."""

    def __init__(self) -> None:
        self.ledgers, self.flow_active, self.can_resume_flow = {}, True, asyncio.Event()  # type: ignore[assignment]
        self.suspend_flow = asyncio.Event()
        self.revocations, self.assigned_after, self._restored_after = 0, 0, None
        control: Any = SimpleNamespace(suspend=nothing, clear=nothing, resume=nothing)
        app: Any = SimpleNamespace(flow_control=control, consumer_generation_id=1)
        self.app = app

    def assignment(self) -> set[TP]:
        return {PARTITION}

    def resume_partitions(self, _tps: Any) -> None: ...

    async def wait_empty(self) -> None: ...

    async def restore_notes(self, *_: Any) -> dict[TP, int]:
        return {}


def nothing(*_: Any) -> None: ...


async def nothing_later(*_: Any) -> None: ...


class Restoring:
    """A pipeline's restore as Faust's recovery runs it, each of which lasts until the test says."""

    def __init__(self, member: Member) -> None:
        self.member = member
        app: Any = member.app
        app.consumer = member
        app.on_rebalance_complete = SimpleNamespace(send=self._complete)
        app.conf, app.on_rebalance_end = SimpleNamespace(broker_request_timeout=1), nothing
        app._fetcher = SimpleNamespace(maybe_start=nothing_later)
        self.ends: list[asyncio.Event] = []
        self.readiness = Readiness(SimpleNamespace(broker_unreachable=False))  # type: ignore[arg-type]
        metrics = SimpleNamespace(rebalances=SimpleNamespace(inc=nothing), consumer_lag=SimpleNamespace(clear=nothing))
        self.pipeline: Any = SimpleNamespace(
            _started=True,
            _was_ready=True,
            memory_topic=None,
            progress=SimpleNamespace(restart=nothing),
            names=SimpleNamespace(events="mail.events"),
            _state_topics={},
            assignment=Assignment(app),
            app=app,
            count=SimpleNamespace(rebalance=nothing),
            restore=self._restore,
            readiness=self.readiness,
            metrics=metrics,
        )
        log: Any = logging.getLogger("recovery")
        log.dev = log.debug
        tables = SimpleNamespace(on_actives_ready=nothing, on_standbys_ready=nothing)
        self._recovery: Any = SimpleNamespace(
            app=app,
            log=log,
            tables=tables,
            completed=asyncio.Event(),
            _wait=lambda seek, timeout: seek,
            _is_changelog_tp=lambda _tp: False,
        )

    async def _complete(self) -> None:
        await Pipeline._restore(self.pipeline)

    async def _restore(self, *_: Any) -> None:
        self.ends.append(asyncio.Event())
        await self.ends[-1].wait()

    async def begin(self, generation: int) -> asyncio.Future[None]:
        """The recovery after an assignment, which has begun."""
        before = len(self.ends)
        recovery = asyncio.ensure_future(Recovery._resume_streams(self._recovery, generation))
        while len(self.ends) == before:  # noqa: ASYNC110  # a few turns of the event loop
            await asyncio.sleep(0)
        return recovery

    async def revoke(self) -> None:
        """A rebalance begins; the generation is the former one until the group has joined."""
        await Consumer.on_partitions_revoked(self.member, set())
        await Pipeline._on_revoked(self.pipeline)

    async def assign(self, generation: int) -> None:
        """It ends; its restore begins when that of the one before has ended."""
        self.member.app.consumer_generation_id = generation
        await Consumer.on_partitions_assigned(self.member, set(), generation)

    async def rebalance(self, generation: int) -> asyncio.Future[None]:
        """A whole rebalance; the recovery after it, which has begun."""
        await self.revoke()
        await self.assign(generation)
        return await self.begin(generation)

    async def end(self, recovery: asyncio.Future[None]) -> None:
        """The recovery that has begun last ends."""
        self.ends[-1].set()
        await recovery

    @property
    def state(self) -> tuple[bool, bool]:
        """Whether records flow, and whether the worker says that it is ready."""
        return self.member.flow_active, self.readiness.restored


@pytest.fixture(autouse=True)
def _without_a_group(monkeypatch: pytest.MonkeyPatch) -> None:
    for callback in ("on_partitions_revoked", "on_partitions_assigned"):
        monkeypatch.setattr(f"faust.transport.drivers.aiokafka.Consumer.{callback}", nothing_later)


def test_records_flow_and_the_worker_is_ready_once_the_newest_assignment_is_restored() -> None:
    async def run() -> None:
        restoring = Restoring(Member())
        first = await restoring.rebalance(1)
        await restoring.revoke()
        await restoring.end(first)
        assert restoring.state == (False, False), "the next rebalance has begun"
        await restoring.assign(2)
        second = await restoring.begin(2)
        restoring.member.resume_flow()
        assert restoring.state == (False, False), "the new assignment isn't restored yet"
        await restoring.end(second)
        assert restoring.state == (True, True)
        await restoring.revoke()
        assert restoring.state == (False, False)

    asyncio.run(run())


def test_a_restore_that_begins_late_is_that_of_its_own_assignment() -> None:
    async def run() -> None:
        restoring = Restoring(Member())
        first = await restoring.rebalance(1)
        await restoring.revoke()
        await restoring.assign(2)
        await restoring.revoke()  # of the third rebalance, before the restore of the second begins
        await restoring.end(first)
        await restoring.end(await restoring.begin(2))
        assert restoring.state == (False, False)
        await restoring.assign(3)
        await restoring.end(await restoring.begin(3))
        assert restoring.state == (True, True)

    asyncio.run(run())
