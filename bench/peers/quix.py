"""Quix Streams: a dataframe over a topic, one event at a time, with automatic commits. It counts hits by sender in
windows of a day, through a topic by sender and a state store, as in its documentation. Hits are sent without a key.

python -m bench.peers.quix BROKERS EVENTS HITS COUNT WATCHLIST
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from quixstreams import Application

from bench.peers.clock import Stopwatch
from bench.peers.work import WINDOW_MS, Hits, same


def main() -> None:
    """Read COUNT events, publish their hits, and print the figures."""
    brokers, source, sink, count, watchlist = sys.argv[1:6]
    hits, watch = same(Path(watchlist)), Stopwatch(int(count))
    with tempfile.TemporaryDirectory() as folder:
        read(brokers, source, sink, hits, watch, folder)


def read(brokers: str, source: str, sink: str, hits: Hits, watch: Stopwatch, folder: str) -> None:
    """Read until the stopwatch has counted all events; the state store is in the folder."""
    app = Application(
        broker_address=brokers,
        consumer_group=f"quix-{time.time_ns()}",
        auto_offset_reset="earliest",
        loglevel="ERROR",
        commit_every=50_000,
        commit_interval=5,
        state_dir=folder,
    )
    events = app.topic(source, value_deserializer="bytes", key_deserializer="bytes")
    found = app.topic(sink, value_serializer="bytes", key_serializer="bytes", value_deserializer="bytes")

    def score(value: bytes) -> list[tuple[bytes, bytes]]:
        is_last = watch.event()
        found_hits = hits(value)
        if is_last:
            watch.report()
            app.stop()
        return found_hits

    scored = app.dataframe(events).apply(score, expand=True)
    scored.apply(lambda hit: hit[1]).to_topic(found)
    by_sender = scored.apply(lambda hit: hit[0].decode()).group_by(lambda sender: sender, name="sender")
    by_sender.tumbling_window(timedelta(milliseconds=WINDOW_MS)).count().current()
    app.run()


if __name__ == "__main__":
    main()
