"""Latency from `publish` to the alert, for a reader of mail.alerts, and that of Kafka alone: `make bench-latency`.

A producer sends mail events at a steady rate, dated now; 200 of them a second are mistyped, each by a different sender,
so that each causes an alert. A reader of mail.alerts records when the first alert about each mail arrives. The first
seconds warm the worker up and are not counted. Before that, without a worker, the same producer sends such mails alone
to the same reader: an idle round trip through Kafka, of which an alert takes several.
"""

from __future__ import annotations

import argparse
import random
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson
from confluent_kafka import Consumer, Producer, TopicPartition

from bench.cluster import Stream, cluster, published
from bench.figures import machine, save
from bench.process import cpu_seconds
from bench.readers import settings_of
from bench.stream import MISTAKES, RIGHT
from streams.kafka.topics.names import topic_names
from tests.broker.apache import ApacheKafka
from tests.pipeline.worker import WorkerProcess

RATES = (1_000, 10_000, 30_000)
HITS_PER_SECOND = 200
WARM_SECONDS = 5
SLOT_SECONDS = 0.01


@dataclass
class Timings:
    """The times at which each mistyped mail was sent and its first alert was read, by message id, in seconds."""

    sent: dict[str, float] = field(default_factory=dict)
    read: dict[str, float] = field(default_factory=dict)

    def milliseconds(self, since: float) -> list[float]:
        """The latencies of the mails sent after `since`, sorted."""
        return sorted((self.read[i] - at) * 1000 for i, at in self.sent.items() if at >= since and i in self.read)


def mail(rng: random.Random, number: int, *, is_hit: bool) -> tuple[str, bytes]:
    """A mail sent now: its message id, and the event."""
    message_id = f"<{number}.{rng.getrandbits(48):x}@mod.gov.uk>"
    domain = rng.choice(list(MISTAKES) if is_hit else RIGHT)
    event = {
        "id": message_id,
        "message_id": message_id,
        "time": time.time_ns() // 1_000_000,
        "sender": f"{'hit' if is_hit else 'user'}{number if is_hit else number % 20_000}@mod.gov.uk",
        "recipients": [f"u{number % 100_000}@{domain}"],
        "subject": f"Routine movement order and itinerary for visiting party {number}",
        "size": 24_000,
        "source": "postfix",
        "direction": "outbound",
    }
    return message_id, orjson.dumps(event)


def send(stream: Stream, rate: int, seconds: float, timings: Timings) -> None:
    """Publish at this rate, in steps of 10 ms; HITS_PER_SECOND of them are mistyped."""
    producer = Producer({"bootstrap.servers": stream.settings.brokers, "linger.ms": 5, "compression.type": "lz4"})
    rng = random.Random(rate)
    begin, number, hits = time.perf_counter(), 0, 0
    while (passed := time.perf_counter() - begin) < seconds:
        while number < passed * rate:
            is_hit = hits < passed * HITS_PER_SECOND
            hits += is_hit
            message_id, value = mail(rng, number, is_hit=is_hit)
            if is_hit:
                timings.sent[message_id] = time.time()
            producer.produce(stream.events, value)
            number += 1
        producer.poll(0)
        time.sleep(max(0.0, SLOT_SECONDS - (time.perf_counter() - begin - passed)))
    producer.flush()


def read(stream: Stream, topic: str, timings: Timings, stop: threading.Event) -> None:
    """Record when the first alert about each mail arrives, or the mail itself in another topic."""
    consumer = Consumer(
        {"bootstrap.servers": stream.settings.brokers, "group.id": "latency", "fetch.wait.max.ms": 10, "log_level": 0}
    )
    partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
    consumer.assign([TopicPartition(topic, partition, 0) for partition in partitions])
    while not stop.is_set():
        for message in consumer.consume(500, 0.01):
            now = time.time()
            for message_id in _message_ids(message.value()):
                timings.read.setdefault(message_id, now)
    consumer.close()


def _message_ids(value: bytes | None) -> Iterator[str]:
    read = orjson.loads(value or b"{}")
    if "message_id" in read:
        yield read["message_id"]
    for evidence in read.get("evidences", ()):
        yield evidence["email"].get("message_uid", "")


@contextmanager
def reading(stream: Stream, topic: str) -> Iterator[Timings]:
    """Read a topic meanwhile; at the end wait for what was sent, for ten seconds at most."""
    timings, stop = Timings(), threading.Event()
    reader = threading.Thread(target=read, args=(stream, topic, timings, stop))
    reader.start()
    yield timings
    last = time.monotonic() + 10
    while len(timings.read) < len(timings.sent) and time.monotonic() < last:
        time.sleep(0.1)
    stop.set()
    reader.join()


def measure(kafka: ApacheKafka, folder: Path, rate: int, seconds: float) -> dict[str, float]:
    """The figures of one rate, in ms."""
    stream = published(kafka, folder, iter(()), prefix=f"at{rate}.")
    with WorkerProcess(settings_of(stream, stream.group(), HISTORY="false")) as worker:
        worker.wait_ready()
        with reading(stream, topic_names(stream.settings).alerts) as timings:
            begin, idle = time.time(), cpu_seconds(worker.pid)
            send(stream, rate, WARM_SECONDS + seconds, timings)
            busy = (cpu_seconds(worker.pid) - idle) / (time.time() - begin)
        worker.stop()
    return figures(timings, begin) | {"cores": busy}


def measure_idle(kafka: ApacheKafka, folder: Path, seconds: float) -> dict[str, float]:
    """The figures of a round trip through Kafka, in ms, while nothing else uses it."""
    stream = published(kafka, folder, iter(()), prefix="idle.")
    with reading(stream, stream.events) as timings:
        begin = time.time()
        send(stream, HITS_PER_SECOND, WARM_SECONDS + seconds, timings)
    return figures(timings, begin)


def figures(timings: Timings, begin: float) -> dict[str, float]:
    """The latencies after the first seconds, in ms."""
    took = timings.milliseconds(begin + WARM_SECONDS)
    return {
        "mails": len(took),
        "missing": len(timings.sent) - len(timings.read),
        "p50": took[len(took) // 2],
        "p99": took[len(took) * 99 // 100],
        "max": took[-1],
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    found = {}
    with cluster() as (kafka, folder):
        idle = measure_idle(kafka, folder, options.seconds)
        print(f"idle: {idle}", file=sys.stderr, flush=True)
        for rate in RATES:
            found[rate] = measure(kafka, folder, rate, options.seconds)
            print(f"{rate:,} events/s: {found[rate]}", file=sys.stderr, flush=True)
    print(f"From publish to the alert read, ms; {machine()}\n")
    print("| events/s | mails | p50 | p99 | max | p99, in idle round trips | cores used |\n" + "|---" * 7 + "|")
    print(f"| an idle round trip through Kafka | {idle['mails']:,.0f} | {_times(idle)} | 1 | |")
    for rate, of in found.items():
        ratio = of["p99"] / idle["p99"]
        print(f"| {rate:,} | {of['mails']:,.0f} | {_times(of)} | {ratio:.1f} | {of['cores']:.2f} |")
    save("latency", {"idle": idle, "rates": {str(rate): of for rate, of in found.items()}})


def _times(of: Mapping[str, float]) -> str:
    return " | ".join(f"{of[name]:.0f}" for name in ("p50", "p99", "max"))


if __name__ == "__main__":
    main()
