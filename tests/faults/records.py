"""Records that should not be there."""

from __future__ import annotations

from tests.faults.ground import Figures, Ground


def bad_records(ground: Ground) -> Figures:
    """One record in ten is bad, in every way that has been met."""
    ground.add_workers(2)
    ground.stream(bad=0.1).join()
    return ground.finish(may_repeat=False)
