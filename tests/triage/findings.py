"""Findings for tests of decisions: what a decision needs to know of one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

SEEN_MS = 1_780_000_000_000


@dataclass(frozen=True)
class Finding:
    uid: str = "a1" * 16
    count: int = 3
    last_seen_ms: int = SEEN_MS
    domain_count: int = 1

    def but(self, **changes: Any) -> Finding:
        return replace(self, **changes)
