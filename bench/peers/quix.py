"""Quix Streams: a dataframe over a topic, one event at a time, with automatic commits, as in its documentation: topics
that group hits by sender and by domain, windows of event time in state stores with changelogs, at least once.

    python -m bench.peers.quix BROKERS EVENTS NAME WATCHLIST VERDICTS FOLDER
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from quixstreams import Application
from quixstreams.models import Serializer

from bench.peers.clock import FirstEvent
from bench.peers.work import WINDOW_MS, Hits, same

DAY = timedelta(milliseconds=WINDOW_MS)


class HitBytes(Serializer):  # type: ignore[misc]  # Quix Streams isn't installed where types are checked
    """The JSON that a hit has already."""

    def __call__(self, value: dict[str, Any], ctx: Any) -> bytes:
        hit: bytes = value["hit"]
        return hit


def build(app: Application, source: str, name: str, hits: Hits) -> None:
    """The dataframes: hits to NAME.hits, and each change of a count by sender or by domain to NAME.alerts."""
    first = FirstEvent()

    def score(value: bytes) -> list[dict[str, Any]]:
        first.event()
        return [found._asdict() for found in hits(value)]

    events = app.topic(source, value_deserializer="bytes", key_deserializer="bytes")
    scored = app.dataframe(events).apply(score, expand=True).set_timestamp(lambda found, *_: found["time_ms"])
    sink = app.topic(f"{name}.hits", value_serializer=HitBytes(), key_serializer="str")
    scored.to_topic(sink, key=lambda found: found["sender"])
    alerts = app.topic(f"{name}.alerts", key_serializer="str")
    for rule in ("sender", "domain"):
        count(scored.apply(lambda found, rule=rule: found[rule]), rule, alerts)


def count(keys: Any, rule: str, alerts: Any) -> None:
    """Count the hits of each key in windows that wait a day for late ones, and publish each change."""
    grouped = keys.group_by(lambda key: key, name=rule, key_serializer="str", key_deserializer="str")
    counts = grouped.tumbling_window(DAY, grace_ms=DAY).count().current()

    def alert(window: dict[str, int], key: str, *_: Any) -> dict[str, Any]:
        return {"rule": rule, "key": key, "start": window["start"], "count": window["value"]}

    counts.apply(alert, metadata=True).to_topic(alerts)


def main() -> None:
    """Read the topic until the process is ended."""
    brokers, source, name, watchlist, verdicts, folder = sys.argv[1:]
    app = Application(
        broker_address=brokers,
        consumer_group=name,
        auto_offset_reset="earliest",
        loglevel="ERROR",
        state_dir=folder,
    )
    build(app, source, name, same(Path(watchlist), Path(verdicts)))
    app.run()


if __name__ == "__main__":
    main()
