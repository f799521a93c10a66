"""Every fault scenario in a small size, a few at a time; `python -m tests.faults` runs them in full."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from tests.broker.apache import ApacheKafka
from tests.faults.harness import SHORT, Figures
from tests.faults.scenarios import NAMES, description, run_scenarios

AT_ONCE = 3


@pytest.fixture(scope="module")
def scenarios(
    request: pytest.FixtureRequest, apache_kafka: ApacheKafka, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Figures]]]:
    """The scenarios that this test run selects, started."""
    selected = [item.callspec.params["name"] for item in request.session.items if is_scenario(item)]  # type: ignore[attr-defined]
    folder = tmp_path_factory.mktemp("faults")
    with run_scenarios(selected, folder, seed=1, size=SHORT, shared=apache_kafka, at_once=AT_ONCE) as running:
        yield running


def is_scenario(item: pytest.Item) -> bool:
    return item.nodeid.partition("[")[0].endswith(test_the_delivery_guarantees_hold.__name__)


@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("name", NAMES)
def test_the_delivery_guarantees_hold(scenarios: dict[str, Future[Figures]], name: str) -> None:
    figures = scenarios[name].result()
    assert figures.get("events") or figures.get("inputs")


def test_every_scenario_has_a_description() -> None:
    assert all(description(name).endswith(".") for name in NAMES)
