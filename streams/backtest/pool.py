"""Scores batches in several processes, in order, with a bounded number of batches in memory."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from streams.backtest.score import BacktestBatch, ScoringPlan
from streams.errors import StraymailError, UsageError

MAX_IN_FLIGHT = 3
"""Batches in flight for each process."""

Origin = TypeVar("Origin")
_score: Callable[[Sequence[bytes]], BacktestBatch] | None = None
"""Scoring function of this process, set in the processes of the pool."""
_refused: tuple[type[StraymailError], str] | None = None
"""Why there is none: an exception of an initializer ends the whole pool, and its text is lost."""


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
        try:
            for origin, values in batches:
                in_flight.append((origin, pool.submit(_score_batch, values)))
                if len(in_flight) > MAX_IN_FLIGHT * jobs:
                    yield _first_result(in_flight)
            while in_flight:
                yield _first_result(in_flight)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)  # after an error or Ctrl-C nobody wants the rest


def _first_result(in_flight: deque[tuple[Origin, Future[BacktestBatch]]]) -> tuple[Origin, BacktestBatch]:
    origin, future = in_flight.popleft()
    try:
        return origin, future.result()
    except BrokenProcessPool as error:
        raise StraymailError(
            "a scoring process was killed, perhaps for lack of memory: try again with --jobs 1"
        ) from error


def _initialise(plan: ScoringPlan) -> None:
    global _score, _refused
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes of a terminal; this one is ended
    try:
        _score = plan.build()
    except StraymailError as error:
        _refused = UsageError if isinstance(error, UsageError) else StraymailError, str(error)


def _score_batch(values: list[bytes]) -> BacktestBatch:
    if _refused is not None:
        kind, message = _refused
        raise kind(message)
    if _score is None:
        raise RuntimeError("this process was not initialised")
    return _score(values)
