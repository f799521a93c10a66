"""A consume loop by hand, on librdkafka: the least that anyone could write, and what the pipeline is held to.

    python -m bench.peers.hand BROKERS EVENTS HITS COUNT WATCHLIST {bare|same}

`bare` parses with orjson and looks recipients up in a table. `same` does the pipeline's own work on an event: its
decoder with all checks, its scorer behind its cache, its hits. Both publish hits and commit. Prints one JSON object.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import orjson
from confluent_kafka import Consumer, Producer

from bench.stream import MISTAKES

Hits = Callable[[bytes | None], Iterator[tuple[bytes, bytes]]]


def bare(value: bytes | None) -> Iterator[tuple[bytes, bytes]]:
    """Parse, look up, answer the hits."""
    event = orjson.loads(value or b"")
    for address in event["recipients"]:
        domain = address.rpartition("@")[2].lower()
        if domain in MISTAKES:
            hit = {"id": event["id"], "sender": event["sender"], "recipient": address, "domain": domain}
            yield event["sender"].encode(), orjson.dumps(hit)


def same(watchlist: Path) -> Hits:
    """The pipeline's own work on an event, without the pipeline."""
    from streams.agents.judge import Judge
    from streams.domains.scorer import Scorer
    from streams.domains.settings import ScorerSettings
    from streams.domains.watchlist import Watchlist
    from streams.events.hit import encode_hit
    from streams.events.mail import decode
    from streams.events.privacy import Privacy

    today = datetime.now(UTC).date()
    judge = Judge(Scorer(Watchlist.load(watchlist, today=today), ScorerSettings()), Privacy(b"bench"))

    def hits(value: bytes | None) -> Iterator[tuple[bytes, bytes]]:
        event = decode(value, now_ms=None)
        if verdicts := judge.typos(event):
            for hit in judge.hits(event, verdicts):
                yield hit.sender_digest.encode(), encode_hit(hit)

    return hits


def main() -> None:
    """Read COUNT events, publish their hits, commit, and tell the time that it took."""
    brokers, source, sink, count, watchlist, kind = sys.argv[1:]
    hits = bare if kind == "bare" else same(Path(watchlist))
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
    read, committed, begin, cpu = 0, 0, 0.0, 0.0
    while read < int(count):
        messages = consumer.consume(10_000, 0.5)
        if messages and not read:
            begin, cpu = time.perf_counter(), time.process_time()
        for message in messages:
            for key, value in hits(message.value()):
                producer.produce(sink, value, key)
        producer.poll(0)
        read += len(messages)
        if read - committed >= 50_000:
            producer.flush()
            consumer.commit(asynchronous=False)
            committed = read
    producer.flush()
    if read > committed:
        consumer.commit(asynchronous=False)
    seconds = time.perf_counter() - begin
    print(orjson.dumps({"events": read, "seconds": seconds, "cpu_seconds": time.process_time() - cpu}).decode())
    consumer.close()


if __name__ == "__main__":
    main()
