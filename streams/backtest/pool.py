"""Scores batches on many cores, in order, with no more of them in memory than are at work."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from streams.backtest.score import Part, ScoringPlan
from streams.errors import StraymailError

AHEAD = 3
"""So many batches a process are handed out before the first one's result is waited for."""

Told = TypeVar("Told")
_score: Callable[[Sequence[bytes]], Part] | None = None
"""This process's scoring, where it is one of a pool."""


def score_all(batches: Iterable[tuple[Told, list[bytes]]], plan: ScoringPlan, jobs: int) -> Iterator[tuple[Told, Part]]:
    """Each batch's part, in order, with what came beside the batch. One job scores in this very process."""
    if jobs <= 1:
        score = plan.build()
        for told, values in batches:
            yield told, score(values)
        return
    context = multiprocessing.get_context("spawn")  # a fork would copy librdkafka's threads' locks
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=(plan,)) as pool:
        waiting: deque[tuple[Told, Future[Part]]] = deque()
        for told, values in batches:
            waiting.append((told, pool.submit(_work, values)))
            if len(waiting) > AHEAD * jobs:
                yield _first(waiting)
        while waiting:
            yield _first(waiting)


def _first(waiting: deque[tuple[Told, Future[Part]]]) -> tuple[Told, Part]:
    told, future = waiting.popleft()
    try:
        return told, future.result()
    except BrokenProcessPool as error:
        raise StraymailError("a scoring process was ended from outside (memory?): try again with --jobs 1") from error


def _begin(plan: ScoringPlan) -> None:
    global _score
    _score = plan.build()


def _work(values: list[bytes]) -> Part:
    if _score is None:
        raise RuntimeError("the process was not begun")
    return _score(values)
