"""What the peers of the scorer read and write: the watched names of a file, and one answer a line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from bench.scoring_data import registrable


def watched_names(path: Path) -> list[str]:
    """The registered names of the watched domains, in order. The peers know no wildcards."""
    return sorted({registrable(name) for name in path.read_text().split() if "*" not in name})


def typed_domains() -> list[str]:
    """The domains on stdin, one per line."""
    return sys.stdin.read().split()


def write_answers(typed: list[str], intended: Iterable[str | None]) -> None:
    """Print a line of JSON for each domain, as `straymail score` does; a peer has no scores."""
    for domain, meant in zip(typed, intended, strict=True):
        found = meant is not None
        answer = {"domain": domain, "typo": found, "certain": found, "intended": meant, "score": float(found)}
        print(json.dumps(answer))
