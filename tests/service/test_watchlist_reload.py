"""The watchlist file is checked repeatedly; only a complete and valid one is used."""

from __future__ import annotations

import asyncio
import gc
import os
from pathlib import Path

import pytest

from streams.domains.scorer import Scorer
from streams.domains.settings import ScorerSettings
from streams.metrics import Metrics
from streams.service.watchlist_reload import WatchlistReload, load_scorer


class Watched:
    """A watched file, and the scorers that were put in use for it."""

    def __init__(self, path: Path) -> None:
        self.path, self.metrics, self.used = path, Metrics("test"), list[Scorer]()
        path.write_text("army.mil\n")
        load_scorer(path, ScorerSettings(), self.metrics)
        self._watch = WatchlistReload(path, ScorerSettings(), self.metrics, self.used.append)

    def check(self, times: int = 1) -> None:
        for _ in range(times):
            asyncio.run(self._watch.check())

    def reloads(self, result: str) -> float | None:
        return self.metrics.registry.get_sample_value("straymail_watchlist_reloads_total", {"result": result})


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path / "watchlist.txt")


def test_nothing_is_done_while_the_file_is_the_same(watched: Watched) -> None:
    watched.check(3)
    assert watched.used == []


def test_a_new_file_is_loaded_once(watched: Watched) -> None:
    watched.path.write_text("army.mil\nnavy.mil\n")
    watched.check(4)
    assert [set(scorer.watchlist.watched) for scorer in watched.used] == [{"army.mil", "navy.mil"}]
    assert watched.reloads("success") == 1
    assert watched.metrics.registry.get_sample_value("straymail_watchlist_domains") == 2


def test_a_file_that_is_being_written_is_left_alone(watched: Watched) -> None:
    with watched.path.open("w") as file:
        for number in range(3):
            file.write(f"list{number}.mil\n")
            file.flush()
            watched.check()
    assert watched.used == []
    watched.check()
    assert len(watched.used) == 1


def test_a_bad_file_is_refused_and_logged_once(watched: Watched, caplog: pytest.LogCaptureFixture) -> None:
    watched.path.write_text("army..mil\n")
    watched.check(4)
    assert watched.used == []
    assert watched.reloads("failure") == 1
    assert len(caplog.records) == 1
    assert f"{watched.path}, line 1" in caplog.text


def test_a_deleted_file_leaves_the_old_one_in_use(watched: Watched) -> None:
    watched.path.unlink()
    watched.check(3)
    assert watched.used == []
    assert watched.reloads("failure") == 1


def test_a_link_to_another_file_is_seen_as_kubernetes_changes_it(watched: Watched, tmp_path: Path) -> None:
    new = tmp_path / "new"
    new.write_text("navy.mil\n")
    watched.path.unlink()
    watched.path.symlink_to(new)
    os.utime(new, (0, 0))
    watched.check(3)
    assert [set(scorer.watchlist.watched) for scorer in watched.used] == [{"navy.mil"}]


def test_no_collection_looks_through_a_scorer_and_a_replaced_one_needs_none(watched: Watched) -> None:
    scorer = load_scorer(watched.path, ScorerSettings(), watched.metrics)
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
    scorer.score("army.ml")
    gc.unfreeze()
    gc.collect()
    del scorer
    assert gc.collect() == 0
