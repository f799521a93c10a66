"""The work of `straymail score`: a line of JSON for each domain, in order, on all cores if there are many."""

from __future__ import annotations

import gc
import os
import select
from collections import deque
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import orjson

from streams.clock import today
from streams.domains.scorer import Scorer
from streams.domains.thresholds import Thresholds
from streams.domains.verdict import Verdict
from streams.domains.watchlist.file import read_watchlist
from streams.errors import MalformedDomain

if TYPE_CHECKING:
    from multiprocessing.pool import Pool

Score = Callable[[str], Verdict]
"""Returns the verdict on a domain. Raises MalformedDomain."""

BLOCK_BYTES = 1 << 20
PARALLEL_FROM_BYTES = 1 << 14
"""Blocks of at least this size are split over processes; smaller ones come from a caller that waits for each result."""
MAX_IN_FLIGHT = 3
"""Blocks read before the results of the first are written, so that no process has to wait for the next block."""
GC_THRESHOLD = 100_000
"""New objects between garbage collections. Results form no cycles, and the default of 700 costs 4 % of the time."""

_score: Score


def load(watchlist: Path, thresholds: Thresholds) -> Score:
    """Cached scorer for a watchlist file, with its entries as of today (UTC). Raises WatchlistError."""
    gc.disable()  # the index consists of millions of objects that all stay: collections would double its time
    score = lru_cache(thresholds.cache_size)(Scorer(read_watchlist(watchlist, today=today()), thresholds).score)
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)
    gc.enable()
    return score


def score_texts(verdict_of: Score, texts: list[str]) -> bytes:
    """JSON lines, one for each text, with an `error` if the text is no domain name."""
    lines = bytearray()  # not a list of lines: keeping the results of orjson costs 3 us each
    for text in texts:
        try:
            _, score, typo, certain, intended, slip, explanation = verdict_of(text)
        except MalformedDomain as error:
            result = {**_NO_VERDICT, "domain": text, "error": error.reason}
        else:
            result = {
                "domain": text,
                "typo": typo,
                "certain": certain,
                "intended": intended,
                "score": round(score, 5),
                "slip": slip,
                "explanation": explanation,
            }
        lines += orjson.dumps(result, option=orjson.OPT_APPEND_NEWLINE)
    return bytes(lines)


def score_stream(score: Score, source: BinaryIO, sink: BinaryIO) -> None:
    """Write a line of JSON for every line of the source as soon as it arrives."""
    global _score
    _score = score
    cores = len(os.sched_getaffinity(0))
    pool: Pool | None = None
    in_flight: deque[Iterator[bytes]] = deque()
    try:
        for block in _blocks(source):
            if cores > 1 and len(block) >= PARALLEL_FROM_BYTES:
                pool = pool or _process_pool(cores)
                in_flight.append(pool.imap(_score_block, _parts(block, 2 * cores)))
            elif block:
                in_flight.append(map(_score_block, [block]))
            while in_flight and (len(in_flight) >= MAX_IN_FLIGHT or not _is_readable(source)):
                sink.writelines(in_flight.popleft())
                sink.flush()
        for results in in_flight:
            sink.writelines(results)
        sink.flush()
    finally:
        if pool:
            pool.terminate()


def _is_readable(source: BinaryIO) -> bool:
    """Whether more input is available now. If not, its writer may be waiting for results before it sends more."""
    return bool(select.select([source], [], [], 0)[0])


_NO_VERDICT = {
    "domain": "",
    "typo": False,
    "certain": False,
    "intended": None,
    "score": 0.0,
    "slip": None,
    "explanation": None,
}


def _score_block(block: bytes) -> bytes:
    return score_texts(_score, block.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")[:-1])


def _process_pool(count: int) -> Pool:
    """Forked processes, which share the index instead of loading it again."""
    from multiprocessing import get_context  # loaded only when needed: most calls score a few domains

    return get_context("fork").Pool(count)


def _blocks(source: BinaryIO) -> Iterator[bytes]:
    """Blocks of whole lines, as much as is available; empty while a line is incomplete.

    The last line may lack its newline.
    """
    rest = b""
    while read := os.read(source.fileno(), BLOCK_BYTES):
        lines, newline, incomplete = read.rpartition(b"\n")
        yield rest + lines + newline if newline else b""
        rest = incomplete if newline else rest + incomplete
    if rest:
        yield rest + b"\n"


def _parts(block: bytes, count: int) -> Iterator[bytes]:
    """The block, cut at line ends into at most `count` parts of about the same size."""
    size, begin = len(block) // count, 0
    while begin < len(block):
        end = block.find(b"\n", begin + size) + 1 or len(block)
        yield block[begin:end]
        begin = end
