"""Seeds of tests over made streams: one answers in `make quick`, the others belong to the group `fuzz`."""

from __future__ import annotations

import pytest


def seeds(number: int) -> list[object]:
    """The seeds 0 to `number` - 1, for `pytest.mark.parametrize`."""
    return [0, *(pytest.param(seed, marks=pytest.mark.fuzz) for seed in range(1, number))]
