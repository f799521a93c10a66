"""Hits sorted in bounded memory."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest

from streams.backtest.sorted_records import SortedRecords


@pytest.mark.parametrize("in_memory", [1, 7, 10_000])
def test_hits_are_sorted_in_bounded_memory(in_memory: int) -> None:
    hits = [(random.Random(n).randrange(10**12, 10**13), b"hit %d" % n) for n in range(500)]
    with SortedRecords(in_memory) as taken:
        for at in range(0, len(hits), 5):
            taken.add(hits[at : at + 5])
        assert list(taken) == sorted(hits)


def test_nothing_is_left_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with SortedRecords(1) as hits:
        hits.add([(2, b"b"), (1, b"a")])
        hits.add([(0, b"c")])
        assert len(list(tmp_path.rglob("*.run"))) == 2
        assert list(hits) == [(0, b"c"), (1, b"a"), (2, b"b")]
    assert list(tmp_path.iterdir()) == []
