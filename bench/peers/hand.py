"""A hand-written consumer loop on librdkafka: the minimum that the pipeline is compared with.

    python -m bench.peers.hand BROKERS EVENTS HITS COUNT WATCHLIST VERDICTS {bare|same}

`bare` parses with orjson and looks recipients up in a table. `same` does the pipeline's own work on each event: its
decoder with all checks, its detector with its cache of verdicts, its hits. Both publish hits and commit. Prints one
JSON object.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import orjson
from confluent_kafka import Consumer, Producer

from bench.peers.clock import Stopwatch
from bench.peers.work import Found, same
from bench.stream import MISTAKES


def bare(value: bytes | None) -> list[Found]:
    """The hits of an event, by a plain parse and a look-up."""
    event = orjson.loads(value or b"")
    found = []
    for address in event["recipients"]:
        domain = address.rpartition("@")[2].lower()
        if domain in MISTAKES:
            hit = {"id": event["id"], "sender": event["sender"], "recipient": address, "domain": domain}
            found.append(Found(event["sender"], domain, event["time"], orjson.dumps(hit)))
    return found


def main() -> None:
    """Read COUNT events, publish their hits, commit, and print the figures."""
    brokers, source, sink, count, watchlist, verdicts, kind = sys.argv[1:]
    hits = bare if kind == "bare" else same(Path(watchlist), Path(verdicts))
    consumer = Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": f"hand-{time.time()}",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    producer = Producer({"bootstrap.servers": brokers, "linger.ms": 5, "compression.type": "lz4"})
    consumer.subscribe([source])
    watch, committed = Stopwatch(int(count)), 0
    while watch.seen < watch.count:
        messages = consumer.consume(10_000, 0.5)
        if messages and not watch.seen:
            watch.begin()
        for message in messages:
            for found in hits(message.value()):
                producer.produce(sink, found.hit, found.sender)
        producer.poll(0)
        watch.seen += len(messages)
        if watch.seen - committed >= 50_000:
            producer.flush()
            consumer.commit(asynchronous=False)
            committed = watch.seen
    producer.flush()
    if watch.seen > committed:
        consumer.commit(asynchronous=False)
    watch.report()
    consumer.close()


if __name__ == "__main__":
    main()
