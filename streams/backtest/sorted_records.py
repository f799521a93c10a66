"""Sorts hits by time in bounded memory: writes sorted runs to a temporary folder and merges them at the end."""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from streams.files import new_private

IN_MEMORY = 50_000
TIME_DIGITS = 20


class SortedRecords:
    """Context manager that takes (ms, encoded hit) in any order and iterates over them in the order of time."""

    def __init__(self, in_memory: int = IN_MEMORY) -> None:
        self._in_memory = in_memory
        self._buffer: list[tuple[int, bytes]] = []
        self._runs: list[Path] = []
        self._folder = tempfile.TemporaryDirectory(prefix="straymail-backtest-")

    def __enter__(self) -> SortedRecords:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()

    def add(self, hits: list[tuple[int, bytes]]) -> None:
        """Add hits. An encoded hit contains no line end."""
        self._buffer += hits
        if len(self._buffer) >= self._in_memory:
            self._write_run()

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        self._buffer.sort()
        if not self._runs:
            yield from self._buffer
            return
        with ExitStack() as files:
            runs = [_run(files.enter_context(path.open("rb"))) for path in self._runs]
            yield from heapq.merge(*runs, self._buffer)

    def _write_run(self) -> None:
        self._buffer.sort()
        path = Path(self._folder.name) / f"{len(self._runs)}.run"
        with new_private(path) as file:
            file.writelines(b"%0*d%b\n" % (TIME_DIGITS, time_ms, value) for time_ms, value in self._buffer)
        self._runs.append(path)
        self._buffer = []


def _run(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    return ((int(line[:TIME_DIGITS]), line[TIME_DIGITS:-1]) for line in lines)
