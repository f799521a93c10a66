"""An agent gives each batch to its step, and ends the process where the step fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from streams.kafka.dataplane.batch import Batch
from streams.worker.agents import AgentHooks, BatchStep, process_batches
from tests.kafka.dataplane.batches import Event, Message, nothing_pending


class Stream:
    """A Faust stream of lists of batches; only what is read with `noack` is left to the step to acknowledge."""

    def __init__(self, *messages: list[Batch]) -> None:
        self.messages = messages

    def noack(self) -> Any:
        return SimpleNamespace(events=self._events)

    async def _events(self) -> AsyncIterator[Any]:
        for batches in self.messages:
            event: Any = Event()
            event.value = batches
            yield event


class Agent:
    """An agent that has read these batches; `log` has what happened, in order."""

    def __init__(self, step: BatchStep | None = None) -> None:
        self.batches = [Batch([Message(at)], (1, 1), at) for at in range(3)]
        self.log: list[str] = []
        self._step = step or self._ack

    async def _ack(self, *batches: Batch) -> None:
        self.log.append(f"step {[batch.first for batch in batches]}")
        for batch in batches:
            batch.ack(nothing_pending())

    async def _wait_for_commits(self) -> None:
        self.log.append("commits begin")
        await asyncio.sleep(0)
        self.log.append("commits end")

    def run(self) -> None:
        """Read the first batch in a message of its own, and the others in one."""
        hooks = AgentHooks(self._wait_for_commits, lambda error: self.log.append(f"failure: {error}"))
        first, *others = self.batches
        asyncio.run(process_batches(Stream([first], others), self._step, hooks))


def test_batches_go_to_the_step_as_they_were_read_together_and_the_next_ones_wait_for_commits() -> None:
    agent = Agent()
    agent.run()
    assert agent.log == ["step [0]", "commits begin", "commits end", "step [1, 2]", "commits begin", "commits end"]
    assert all(batch.acked for batch in agent.batches)


def test_batches_count_as_taken_up_before_the_step_sees_them() -> None:
    started: list[list[bool]] = []

    async def step(*_batches: Batch) -> None:
        started.append([each.started for each in agent.batches])

    agent = Agent(step)
    agent.run()
    assert started == [[True, False, False], [True, True, True]]
    assert not any(batch.acked for batch in agent.batches), "a step may ack later"


def test_a_step_that_fails_ends_the_agent_and_nothing_more_is_acked(caplog: pytest.LogCaptureFixture) -> None:
    async def step(batch: Batch, *more: Batch) -> None:
        if more:
            raise ValueError("no way")
        batch.ack(nothing_pending())

    agent = Agent(step)
    with pytest.raises(ValueError, match="no way"):
        agent.run()
    assert agent.log == ["commits begin", "commits end", "failure: no way"]
    assert [batch.acked for batch in agent.batches] == [True, False, False]
    assert caplog.messages == [
        f"topic mail.events, partition 3, offsets {at} to {at}: processing these records failed" for at in (1, 2)
    ]
