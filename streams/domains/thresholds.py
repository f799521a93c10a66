"""The scorer's thresholds, and whether it uses context, well-known and known domains."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

TYPO = 0.5
CERTAIN = 0.9
CACHE_SIZE = 200_000


class Thresholds(Protocol):
    """The settings that the scorer reads: `ScorerSettings`, or `PlainThresholds`. Scores are in 0..1."""

    @property
    def typo(self) -> float: ...
    @property
    def certain(self) -> float: ...
    @property
    def context(self) -> bool: ...
    @property
    def well_known(self) -> bool: ...
    @property
    def known(self) -> Path | None: ...
    @property
    def cache_size(self) -> int: ...


@dataclass(frozen=True, slots=True)
class PlainThresholds:
    """Thresholds without pydantic, whose import takes too long for a command that has to start fast."""

    typo: float = TYPO
    certain: float = CERTAIN
    context: bool = True
    well_known: bool = True
    known: Path | None = None
    cache_size: int = CACHE_SIZE
