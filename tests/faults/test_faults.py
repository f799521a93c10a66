"""Scenarios over a shorter stream than `python -m tests.faults` plays them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.broker.apache import ApacheKafka
from tests.faults.ground import SHORT
from tests.faults.table import NAMES, about, play

IN_CI = (
    "killed-workers",
    "stopped-in-a-rebalance",
    "bad-records",
    "full-queue",
    "large-state",
    "many-recipients",
    "clock-jump",
    "changed-watchlist",
    "large-records",
    "fuzzed-decoder",
)
"""What four minutes are enough for, and what hangs on no race of the scenario itself; `python -m tests.faults` plays
all of them."""


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", IN_CI)
def test_the_promise_is_kept(apache_kafka: ApacheKafka, tmp_path: Path, name: str) -> None:
    figures = play(name, tmp_path, seed=1, size=SHORT, shared=apache_kafka)
    assert figures.get("events") or figures.get("inputs")


def test_every_scenario_says_what_it_does() -> None:
    assert all(about(name).endswith(".") for name in NAMES)
