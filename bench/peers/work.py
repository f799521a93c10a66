"""The work of every peer on an event: the pipeline's own decoder with all checks, scorer with cache, and hits."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from streams.detection.detector import Detector
from streams.domains.scorer import Scorer
from streams.domains.settings import ScorerSettings
from streams.domains.watchlist.file import read_watchlist
from streams.events.hit import encode_hit
from streams.events.mail import decode
from streams.events.privacy import Privacy

Hits = Callable[[bytes | None], list[tuple[bytes, bytes]]]
NONE: list[tuple[bytes, bytes]] = []
WINDOW_MS = 86_400_000


def same(watchlist: Path) -> Hits:
    """A function from the bytes of an event to its hits, each as (digest of the sender, JSON of the hit)."""
    today = datetime.now(UTC).date()
    scorer = Scorer(read_watchlist(watchlist, today=today), ScorerSettings())
    detector = Detector(scorer, Privacy(b"bench"), time.monotonic)

    def hits(value: bytes | None) -> list[tuple[bytes, bytes]]:
        event = decode(value, now_ms=None)
        if typos := detector.typos(event):
            return [(hit.sender_digest.encode(), encode_hit(hit)) for hit in detector.hits(event, typos)]
        return NONE

    return hits
