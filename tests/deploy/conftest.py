"""Tools and a control plane for the chart's tests: what can't run here is skipped with the reason."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cache import UnavailableError
from tests.deploy.chart import HELMS
from tests.deploy.plane.build import tool
from tests.deploy.plane.cluster import ControlPlane


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The time limit is for the tests of this folder alone, not for what is built before the first of them."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(120, func_only=True))


@pytest.fixture(scope="session")
def helm_tool() -> None:
    """Each helm is there, or was built."""
    try:
        for name in HELMS:
            tool(name)
    except UnavailableError as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def promtool() -> str:
    """promtool's path."""
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("there is no promtool on the path: install Debian's prometheus")
    return found


@pytest.fixture(scope="session")
def control_plane(helm_tool: None) -> Iterator[ControlPlane]:
    """A real control plane with the CRDs of KEDA and of the Prometheus operator."""
    try:
        plane = ControlPlane()
    except UnavailableError as reason:
        pytest.skip(str(reason))
    with plane:
        plane.register_crds()
        yield plane
