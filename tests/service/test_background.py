"""What goes on beside the agents."""

from __future__ import annotations

import asyncio

import pytest

from streams.service.background import every, guarded


def test_an_exception_goes_to_whoever_ends_the_process() -> None:
    failures: list[Exception] = []
    error = ValueError("bad")

    async def work() -> None:
        raise error

    asyncio.run(guarded(work, failures.append))
    assert failures == [error]


def test_work_that_ends_well_is_no_failure() -> None:
    failures: list[Exception] = []
    asyncio.run(guarded(lambda: asyncio.sleep(0), failures.append))
    assert failures == []


def test_work_that_is_cancelled_is_no_failure() -> None:
    failures: list[Exception] = []

    async def run() -> None:
        task = asyncio.ensure_future(guarded(asyncio.Event().wait, failures.append))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert failures == []


def test_work_is_done_again_and_again_until_it_fails() -> None:
    calls: list[None] = []

    async def work() -> None:
        calls.append(None)
        if len(calls) == 3:
            raise ValueError("enough")

    async def run() -> None:
        with pytest.raises(ValueError, match="enough"):
            await every(0, work)

    asyncio.run(run())
    assert len(calls) == 3


def test_the_first_time_comes_after_the_interval() -> None:
    calls: list[None] = []

    async def work() -> None:
        calls.append(None)

    async def run() -> None:
        task = asyncio.ensure_future(every(3_600, work))
        await asyncio.sleep(0)
        assert calls == []
        task.cancel()

    asyncio.run(run())
