"""A run on several processes: which tests stay together, and how the first process tells what it has collected.

`make test` runs on two with `--dist loadscope`: each takes the next file of a group when it is done with one, and a
whole group where its tests share what takes long to start. The groups keep their order.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

FIRST = "gw0"
"""What pytest-xdist calls the first process."""
WHOLE = frozenset({"mail", "dns", "image", "cluster", "faults"})
"""Groups that one process runs alone: their tests share a server, an image or a control plane."""


def told_groups() -> Path:
    """Where the first process writes the group of each test, for this run's first line and for its scheduler."""
    return Path(tempfile.gettempdir()) / f"straymail-tests-{os.getpid()}.json"


class ByGroup(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Shares out the files of each group, and whole groups where they can't be parted."""

    def __init__(self, config: pytest.Config, log: Any = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False  # the groups run in order, cheapest first
        self.groups: Mapping[str, str] = {}

    def schedule(self) -> None:
        if self.collection is None:
            self.groups = json.loads(told_groups().read_text())
        super().schedule()

    def _split_scope(self, nodeid: str) -> str:
        group = self.groups[nodeid]
        return group if group in WHOLE else f"{group} {nodeid.partition('::')[0]}"
