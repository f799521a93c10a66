"""Batches scored in order, here or in other processes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson
import pytest

from streams.backtest.pool import MAX_IN_FLIGHT, score_all
from streams.backtest.score import BacktestBatch
from streams.errors import StraymailError, UsageError, WatchlistError
from tests.backtest.history import events, plan


class CountingPlan:
    """A plan that counts the events of a batch and scores none; can be sent to other processes."""

    def build(self) -> Callable[[Sequence[bytes]], BacktestBatch]:
        return lambda values: BacktestBatch(scored=len(values))


class KilledPlan:
    """A plan whose process ends in the middle of it."""

    def build(self) -> Callable[[Sequence[bytes]], BacktestBatch]:
        return lambda _: os._exit(9)


class RefusingPlan:
    """A plan whose process can't begin, for a reason that the user can fix."""

    def build(self) -> Callable[[Sequence[bytes]], BacktestBatch]:
        raise WatchlistError("no domain is watched", path="watchlist.yaml", line=3)


BATCHES = [(f"batch {number}", [b"x"] * number) for number in range(20)]


@pytest.mark.parametrize("jobs", [0, 1])
def test_one_job_scores_here_batch_by_batch(jobs: int) -> None:
    counting: Any = CountingPlan()
    batches = iter(BATCHES)
    scored = score_all(batches, counting, jobs)
    assert [next(scored)[0] for _ in range(3)] == ["batch 0", "batch 1", "batch 2"]
    assert next(batches)[0] == "batch 3"


@pytest.mark.process
def test_results_come_in_order_and_no_more_batches_are_read_than_are_in_flight() -> None:
    read: list[str] = []

    def batches() -> Iterator[tuple[str, list[bytes]]]:
        for origin, values in BATCHES:
            read.append(origin)
            yield origin, values

    counting: Any = CountingPlan()
    scored = score_all(batches(), counting, 2)
    results = [next(scored)]
    assert len(read) == 2 * MAX_IN_FLIGHT + 1
    results += scored
    assert [(origin, batch.scored) for origin, batch in results] == [
        (origin, len(values)) for origin, values in BATCHES
    ]


@pytest.mark.process
def test_a_process_that_is_killed_is_told_in_a_sentence() -> None:
    killed: Any = KilledPlan()
    with pytest.raises(StraymailError, match="a scoring process was killed"):
        list(score_all(BATCHES, killed, 2))


def test_a_real_plan_scores_here() -> None:
    values = [orjson.dumps(event) for event in events(200, slips=0.5)]
    ((origin, batch),) = score_all([("file", values)], plan(), 1)
    assert (origin, batch.scored) == ("file", 200)
    assert batch.doubted


@pytest.mark.process
def test_a_process_that_cannot_begin_ends_it_with_its_reason_alone(capfd: pytest.CaptureFixture[str]) -> None:
    refusing: Any = RefusingPlan()
    with pytest.raises(UsageError, match=r"^watchlist\.yaml, line 3: no domain is watched$"):
        list(score_all(BATCHES, refusing, 2))
    assert capfd.readouterr().err == ""
