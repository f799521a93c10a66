"""Sample mail for the demo, trials and tests, and a watchlist that fits it.

`mail-events.jsonl` has some 2,000 mail events with `time` in ms from the start of the sample; `unreadable.jsonl` has
records that are not valid mail events. `python -m bench.samples` writes both; everybody in them is invented.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

import orjson

SPAN_MS = 36 * 3_600_000
"""The length of the sample, in ms."""


def sample_events(now_ms: int) -> Iterator[dict[str, object]]:
    """The sample's mail events in order of arrival; their `time`, integer ms, lies within `SPAN_MS` before `now_ms`."""
    for line in _lines("mail-events.jsonl"):
        event = orjson.loads(line)
        event["time"] += now_ms - SPAN_MS
        yield event


def unreadable_records() -> Iterator[bytes]:
    """Records that can't be read as mail events, as the bytes that Kafka would deliver."""
    for line in _lines("unreadable.jsonl"):
        yield base64.b64decode(orjson.loads(line)["base64"])


def watchlist_file() -> Traversable:
    """The watchlist that fits the sample."""
    return files(__name__) / "watchlist.yaml"


def _lines(name: str) -> Iterator[bytes]:
    with (files(__name__) / name).open("rb") as file:
        yield from file
