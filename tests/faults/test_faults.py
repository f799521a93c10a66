"""Every scenario over a shorter stream than `python -m tests.faults` plays it over, a few at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from tests.broker.apache import ApacheKafka
from tests.faults.ground import SHORT, Figures
from tests.faults.table import NAMES, about, played

AT_ONCE = 3


@pytest.fixture(scope="module")
def playing(
    request: pytest.FixtureRequest, apache_kafka: ApacheKafka, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Figures]]]:
    """The scenarios that this run asks for, begun."""
    asked = [item.callspec.params["name"] for item in request.session.items if is_scenario(item)]  # type: ignore[attr-defined]
    folder = tmp_path_factory.mktemp("faults")
    with played(asked, folder, seed=1, size=SHORT, shared=apache_kafka, at_once=AT_ONCE) as begun:
        yield begun


def is_scenario(item: pytest.Item) -> bool:
    return item.nodeid.partition("[")[0].endswith(test_the_promise_is_kept.__name__)


@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("name", NAMES)
def test_the_promise_is_kept(playing: dict[str, Future[Figures]], name: str) -> None:
    figures = playing[name].result()
    assert figures.get("events") or figures.get("inputs")


def test_every_scenario_says_what_it_does() -> None:
    assert all(about(name).endswith(".") for name in NAMES)
