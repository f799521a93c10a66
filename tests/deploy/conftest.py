"""Tools and a control plane for the chart's tests: what can't run here is skipped with the reason."""

from __future__ import annotations

import shutil

import pytest

from tests.broker.jars import UnavailableError
from tests.deploy.plane.build import tool


@pytest.fixture(scope="session")
def helm_tool() -> None:
    """helm is there, or was built."""
    try:
        tool("helm")
    except UnavailableError as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def promtool() -> str:
    """promtool's path."""
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("there is no promtool on the path: install Debian's prometheus")
    return found
