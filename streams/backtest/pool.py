"""Scores batches in several processes, in order, with a bounded number of batches in memory."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from streams.backtest.score import BacktestBatch, ScoringPlan
from streams.errors import StraymailError

MAX_IN_FLIGHT = 3
"""Batches in flight for each process."""

Origin = TypeVar("Origin")
_score: Callable[[Sequence[bytes]], BacktestBatch] | None = None
"""Scoring function of this process, set in the processes of the pool."""


def score_all(
    batches: Iterable[tuple[Origin, list[bytes]]], plan: ScoringPlan, jobs: int
) -> Iterator[tuple[Origin, BacktestBatch]]:
    """Score batches in order and pass on the origin of each. With one job this process scores them itself."""
    if jobs <= 1:
        score = plan.build()
        for origin, values in batches:
            yield origin, score(values)
        return
    context = multiprocessing.get_context("spawn")  # a fork would copy librdkafka's threads' locks
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_initialise, initargs=(plan,)) as pool:
        in_flight: deque[tuple[Origin, Future[BacktestBatch]]] = deque()
        for origin, values in batches:
            in_flight.append((origin, pool.submit(_score_batch, values)))
            if len(in_flight) > MAX_IN_FLIGHT * jobs:
                yield _first_result(in_flight)
        while in_flight:
            yield _first_result(in_flight)


def _first_result(in_flight: deque[tuple[Origin, Future[BacktestBatch]]]) -> tuple[Origin, BacktestBatch]:
    origin, future = in_flight.popleft()
    try:
        return origin, future.result()
    except BrokenProcessPool as error:
        raise StraymailError(
            "a scoring process was killed, perhaps for lack of memory: try again with --jobs 1"
        ) from error


def _initialise(plan: ScoringPlan) -> None:
    global _score
    _score = plan.build()


def _score_batch(values: list[bytes]) -> BacktestBatch:
    if _score is None:
        raise RuntimeError("this process was not initialised")
    return _score(values)
