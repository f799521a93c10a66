"""Faust as its tutorial has it: an agent over a topic, one event at a time, a table with a tumbling window.

python -m bench.peers.plain_faust BROKERS EVENTS HITS COUNT WATCHLIST
"""

from __future__ import annotations

import os
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

BROKERS, SOURCE, SINK, COUNT, WATCHLIST = sys.argv[1:6]
sys.argv = [sys.argv[0], "worker", "--loglevel", "error", "--without-web"]  # Faust reads its arguments on import

import faust  # noqa: E402

from bench.peers.clock import Stopwatch  # noqa: E402
from bench.peers.work import WINDOW_MS, same  # noqa: E402

app = faust.App(
    f"plain-faust-{time.time_ns()}",
    broker=[f"aiokafka://{broker}" for broker in BROKERS.split(",")],
    store="memory://",
    consumer_auto_offset_reset="earliest",
    topic_disable_leader=True,
    topic_partitions=8,
)
source = app.topic(SOURCE, value_serializer="raw")
sink = app.topic(SINK, value_serializer="raw", key_serializer="raw")
by_sender: Any = app.Table("by-sender", default=int, partitions=8).tumbling(timedelta(milliseconds=WINDOW_MS))
hits, watch = same(Path(WATCHLIST)), Stopwatch(int(COUNT))


@app.agent(source)
async def score(stream: Any) -> None:
    async for value in stream:
        is_last = watch.event()
        for sender, hit in hits(value):
            by_sender[sender.decode()] += 1
            await sink.send(key=sender, value=hit)
        if is_last:
            watch.report()
            os._exit(0)


app.main()
