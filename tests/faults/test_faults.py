"""Scenarios over a shorter stream than `python -m tests.faults` plays them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.broker.apache import ApacheKafka
from tests.faults.ground import SHORT
from tests.faults.table import NAMES, about, play

SURE = ("killed-workers", "stopped-workers")
"""The scenarios that have been seen to pass again and again; `python -m tests.faults` plays all of them."""


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", SURE)
def test_the_promise_is_kept(apache_kafka: ApacheKafka, tmp_path: Path, name: str) -> None:
    figures = play(name, tmp_path, seed=1, size=SHORT, shared=apache_kafka)
    assert figures.get("events") or figures.get("inputs")


def test_every_scenario_says_what_it_does() -> None:
    assert all(about(name).endswith(".") for name in NAMES)
