"""Scoring lines as they come: an answer a line, in order, on all cores where there is enough to do."""

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
"""Gives the verdict on a domain. Raises MalformedDomain."""

BLOCK = 1 << 20
SHARED_FROM = 1 << 14
"""Blocks of so many bytes are shared out to processes; smaller ones come from somebody who waits for each answer."""
MOST_UNDER_WAY = 3
"""So many blocks are read before the first one's answers are written, so that no process waits for the next block."""
GARBAGE_LOOKED_FOR_FROM = 100_000
"""So many objects more than before: answers leave no cycles, and looking for some each 700 objects costs 4 %."""

_score: Score


def load(watchlist: Path, policy: Thresholds) -> Score:
    """A scorer for a watchlist file, its entries as of today (UTC), behind a cache. Raises WatchlistError."""
    gc.disable()  # millions of entries are made and none is dropped: looking for garbage would take half of the time
    score = lru_cache(policy.cache_size)(Scorer(read_watchlist(watchlist, today=today()), policy).score)
    gc.freeze()
    gc.set_threshold(GARBAGE_LOOKED_FOR_FROM)
    gc.enable()
    return score


def score_texts(verdict_of: Score, texts: list[str]) -> bytes:
    """A line of JSON for each text; one that is no domain name has an `error`."""
    lines = bytearray()  # and no list of lines: orjson's results cost 3 us each where they are kept
    for text in texts:
        try:
            _, score, typo, certain, intended, slip, explanation = verdict_of(text)
        except MalformedDomain as error:
            answer = {**_NO_VERDICT, "domain": text, "error": error.reason}
        else:
            answer = {
                "domain": text,
                "typo": typo,
                "certain": certain,
                "intended": intended,
                "score": round(score, 5),
                "slip": slip,
                "explanation": explanation,
            }
        lines += orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE)
    return bytes(lines)


def score_stream(score: Score, source: BinaryIO, sink: BinaryIO) -> None:
    """Answer every line of the source as soon as it has come."""
    global _score
    _score = score
    cores = len(os.sched_getaffinity(0))
    pool: Pool | None = None
    under_way: deque[Iterator[bytes]] = deque()
    try:
        for block in _blocks(source):
            if cores > 1 and len(block) >= SHARED_FROM:
                pool = pool or _processes(cores)
                under_way.append(pool.imap(_score_block, _shares(block, 2 * cores)))
            elif block:
                under_way.append(map(_score_block, [block]))
            while under_way and (len(under_way) >= MOST_UNDER_WAY or not _more_is_there(source)):
                sink.writelines(under_way.popleft())
                sink.flush()
        for answers in under_way:
            sink.writelines(answers)
        sink.flush()
    finally:
        if pool:
            pool.terminate()


def _more_is_there(source: BinaryIO) -> bool:
    """Whether something can be read at once: if not, somebody may be waiting for the answers first."""
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


def _processes(count: int) -> Pool:
    """Copies of this process: each has the index without loading it."""
    from multiprocessing import get_context  # most callers score a few domains only

    return get_context("fork").Pool(count)


def _blocks(source: BinaryIO) -> Iterator[bytes]:
    """Whole lines, as many as are there, none where a line has only begun; the last counts without its newline too."""
    rest = b""
    while read := os.read(source.fileno(), BLOCK):
        lines, newline, begun = read.rpartition(b"\n")
        yield rest + lines + newline if newline else b""
        rest = begun if newline else rest + begun
    if rest:
        yield rest + b"\n"


def _shares(block: bytes, count: int) -> Iterator[bytes]:
    """A block cut at line ends into so many parts or fewer, of about one size."""
    size, begin = len(block) // count, 0
    while begin < len(block):
        end = block.find(b"\n", begin + size) + 1 or len(block)
        yield block[begin:end]
        begin = end
