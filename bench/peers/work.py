"""The work of every peer on an event: the pipeline's own decoder with all checks, verdicts by a table, and hits."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import orjson

from streams.detection.detector import Detector
from streams.domains.scorer import Scorer
from streams.domains.settings import ScorerSettings
from streams.domains.verdict import Verdict
from streams.domains.watchlist.file import read_watchlist
from streams.domains.watchlist.watchlist import Watchlist
from streams.events.hit import encode_hit
from streams.events.mail import decode
from streams.events.privacy import Privacy


class Found(NamedTuple):
    """A hit: the digest of its sender, its domain, its time in milliseconds since the epoch, and its JSON."""

    sender: str
    domain: str
    time_ms: int
    hit: bytes


Hits = Callable[[bytes | None], list[Found]]
NONE: list[Found] = []
PRIVACY = Privacy(b"bench")
WINDOW_MS = 86_400_000
"""A day: the length of the windows in which peers count hits. They wait as long for late ones."""


class Precomputed(Scorer):
    """A scorer whose verdicts come from `straymail score`; KeyError for a domain that it wasn't asked about."""

    def __init__(self, watchlist: Watchlist, verdicts: Mapping[str, Verdict | None]) -> None:
        super().__init__(watchlist, ScorerSettings())
        self._verdicts = verdicts

    def possible_typo(self, text: str, *, with_memory: bool = False) -> Verdict | None:
        return self._verdicts[text]


def read_verdicts(path: Path) -> dict[str, Verdict | None]:
    """The verdict on each domain that is a typo, and None for each other, from the lines of `straymail score`."""
    found = map(orjson.loads, path.read_bytes().splitlines())
    return {each["domain"]: Verdict(*map(each.get, Verdict._fields)) if each["typo"] else None for each in found}


def same(watchlist: Path, verdicts: Path) -> Hits:
    """A function from the bytes of an event to its hits."""
    today = datetime.now(UTC).date()
    scorer = Precomputed(read_watchlist(watchlist, today=today), read_verdicts(verdicts))
    detector = Detector(scorer, PRIVACY, time.monotonic)

    def hits(value: bytes | None) -> list[Found]:
        event = decode(value, now_ms=None)
        if typos := detector.typos(event):
            found = detector.hits(event, typos)
            return [Found(hit.sender_digest, hit.domain, hit.time, encode_hit(hit)) for hit in found]
        return NONE

    return hits


def alert(rule: str, key: str, start_ms: int, count: int) -> bytes:
    """What a peer publishes whenever a count has changed: the count by `rule` (sender or domain) in one window."""
    return orjson.dumps({"rule": rule, "key": key, "start": start_ms, "count": count})
