"""Groups of tests by what they need: `pytest -m kafka`, and the order of a run, which starts with what costs least."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

QUICK = "quick"
FIXTURES: dict[str, set[str]] = {
    "fuzz": set(),
    "process": {"clean_environment"},
    "dns": {"name_server"},
    "mail": {"postfix", "exim"},
    "browser": {"browser", "dark_browser", "narrow_browser", "chromium"},
    "kafka": {"kafka_jars", "search_jars"},
    "image": {"image", "mail_host"},
    "faults": {"scenarios"},
    "cluster": {"helm_tool", "control_plane"},
}
"""Markers by rising cost, and the fixtures whose tests get them (none: the test itself has the marker); pyproject.toml
says what they mean."""
GROUPS = (QUICK, *FIXTURES)


def arrange(items: list[pytest.Item]) -> None:
    """Mark each test by its fixtures, `quick` where nothing else marks it, and put the groups in order.

    Inside a group the order stays, so that no module's fixtures are set up twice.
    """
    for item in items:
        _mark(item)
    items.sort(key=lambda item: GROUPS.index(group(item)))


def _mark(item: pytest.Item) -> None:
    used = getattr(item, "fixturenames", ())
    for marker, fixtures in FIXTURES.items():
        if not fixtures.isdisjoint(used):
            item.add_marker(marker)
    if group(item) == QUICK:
        item.add_marker(QUICK)


def group(item: pytest.Item) -> str:
    """The costliest of a test's markers."""
    found = {marker.name for marker in item.iter_markers()}
    return next((marker for marker in reversed(GROUPS) if marker in found), QUICK)


def by_group(items: Iterable[pytest.Item]) -> dict[str, list[pytest.Item]]:
    """The tests of each group that has any, in order."""
    groups: dict[str, list[pytest.Item]] = {name: [] for name in GROUPS}
    for item in items:
        groups[group(item)].append(item)
    return {name: found for name, found in groups.items() if found}
