"""Faust as its tutorial has it: agents over topics, one event at a time, tables with tumbling windows and changelogs.

    python -m bench.peers.plain_faust BROKERS EVENTS NAME WATCHLIST VERDICTS FOLDER

Hits are sent to a topic by sender and to one by domain, with the time of the mail, by which the windows go.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

BROKERS, SOURCE, NAME, WATCHLIST, VERDICTS, FOLDER = sys.argv[1:]
sys.argv = [sys.argv[0], "worker", "--loglevel", "error", "--without-web"]  # Faust reads its arguments on import

import faust  # noqa: E402

from bench.peers.clock import FirstEvent  # noqa: E402
from bench.peers.work import WINDOW_MS, alert, same  # noqa: E402

PARTITIONS = 8
app = faust.App(
    NAME,
    broker=[f"aiokafka://{broker}" for broker in BROKERS.split(",")],
    store="memory://",
    datadir=FOLDER,
    consumer_auto_offset_reset="earliest",
    topic_disable_leader=True,
    topic_partitions=PARTITIONS,
)
source = app.topic(SOURCE, value_serializer="raw")
sink = app.topic(f"{NAME}.hits", value_serializer="raw", key_serializer="raw")
alerts = app.topic(f"{NAME}.alerts", value_serializer="raw", key_serializer="raw")
hits, first = same(Path(WATCHLIST), Path(VERDICTS)), FirstEvent()


def counted(rule: str) -> Any:
    """The topic of the hits by sender or by domain, with the agent that counts them in a table's windows."""
    topic = app.topic(f"{NAME}.by-{rule}", value_serializer="raw", key_serializer="raw")
    window = timedelta(milliseconds=WINDOW_MS)
    table: Any = app.Table(f"table-by-{rule}", default=int, partitions=PARTITIONS).tumbling(window)

    @app.agent(topic, name=f"count-by-{rule}")
    async def count(stream: Any) -> None:
        async for event in stream.events():
            key, time_ms = event.key.decode(), int(event.message.timestamp * 1_000)
            table[key] += 1
            body = alert(rule, key, time_ms - time_ms % WINDOW_MS, table[key].current())
            await alerts.send(key=event.key, value=body)

    return topic


by_sender, by_domain = counted("sender"), counted("domain")


@app.agent(source)
async def score(stream: Any) -> None:
    async for value in stream:
        first.event()
        for found in hits(value):
            sender, time_s = found.sender.encode(), found.time_ms / 1_000
            await sink.send(key=sender, value=found.hit)
            await by_sender.send(key=sender, value=found.hit, timestamp=time_s)
            await by_domain.send(key=found.domain.encode(), value=found.hit, timestamp=time_s)


app.main()
