"""Quix Streams: a dataframe over a topic, one event at a time; it commits by itself.

    python -m bench.peers.quix BROKERS EVENTS HITS COUNT WATCHLIST

Counting by sender is left out, as in the loop by hand: its windows need a state store and a topic by sender. Hits
are sent without a key.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from quixstreams import Application

from bench.peers.clock import Stopwatch
from bench.peers.work import same


def main() -> None:
    """Read COUNT events and publish their hits."""
    brokers, source, sink, count, watchlist = sys.argv[1:6]
    hits, watch = same(Path(watchlist)), Stopwatch(int(count))
    app = Application(
        broker_address=brokers,
        consumer_group=f"quix-{time.time_ns()}",
        auto_offset_reset="earliest",
        loglevel="ERROR",
        commit_every=50_000,
        commit_interval=5,
    )
    events = app.topic(source, value_deserializer="bytes", key_deserializer="bytes")
    found = app.topic(sink, value_serializer="bytes", key_serializer="bytes", value_deserializer="bytes")

    def score(value: bytes) -> list[bytes]:
        is_last = watch.event()
        answered = [hit for _, hit in hits(value)]
        if is_last:
            watch.tell()
            app.stop()
        return answered

    app.dataframe(events).apply(score, expand=True).to_topic(found)
    app.run()


if __name__ == "__main__":
    main()
