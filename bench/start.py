"""The start-up time of a worker: `make bench-start`.

Measures from exec to the first event read, with empty state; from exec to ready, with the state of a million hits to
restore, and its memory, in turn with a loop that only reads the same records; and `straymail --help`.
"""

from __future__ import annotations

import argparse
import random
import re
import subprocess
import sys
import time

from confluent_kafka import Consumer, KafkaError, TopicPartition

from bench.cluster import PARTITIONS, Stream, cluster, published
from bench.figures import machine, save, spread
from bench.process import cpu_seconds, resident_mb
from bench.readers import settings_of
from bench.state_memory import BATCH, hit
from bench.stream import events
from streams.config import Settings
from streams.findings.settings import FindingsSettings
from streams.findings.state import PartitionState
from streams.findings.store.digests import Digests
from streams.kafka.clients.consumer import POLL_RECORDS, READ_AHEAD_KB
from streams.kafka.clients.sync_producer import SyncProducer
from tests.pipeline.worker import WorkerProcess, wait_until

SENDERS = 200_000


def first_event_seconds(stream: Stream) -> float:
    """Seconds from exec until a worker's first hit, by the broker's timestamp."""
    stream.renew()
    group = stream.group()
    topics = stream.topics(group)
    begin = time.time()
    with WorkerProcess(settings_of(stream, group)) as worker:
        worker.wait_ready()
        read = lambda: worker.metric("straymail_events_total") > 0  # noqa: E731
        wait_until(read, seconds=60, what="the first event is read")
        worker.stop()
    first = min(record.timestamp_ms for record in topics.read(topics.names.typo_hits) if record.key is not None)
    topics.close()
    return first / 1000 - begin


def write_state(stream: Stream, hits: int) -> None:
    """Count hits as a worker would, and write the state records to the state topic of hits by sender.

    Only the last record of each key is written, as the broker's log cleaner leaves them in a topic that has grown over
    a day.
    """
    topics = stream.topics("nobody")
    topic = topics.names.typo_hits_state
    topics.close()
    digests = Digests(Settings().privacy.secret())
    for partition in range(PARTITIONS):
        state = PartitionState(FindingsSettings().policy(), digests, "sender")
        rng, latest = random.Random(partition), dict[bytes, bytes | None]()
        for first in range(-hits // PARTITIONS, 0, BATCH):  # below 0: all of them count as committed
            batch = [
                hit(first + number, rng.randrange(SENDERS // PARTITIONS) * PARTITIONS + partition, rng)
                for number in range(min(BATCH, -first))
            ]
            for outcome in state.apply(batch, first_offset=first, last_offset=first + len(batch) - 1):
                for key, value in outcome.records:
                    latest.pop(key, None)
                    latest[key] = value
        with SyncProducer(stream.settings, topic) as sender:
            for key, value in latest.items():
                sender.send(value, key=key, partition=partition)


def ready(stream: Stream, what: str = "state", **settings: str) -> dict[str, float]:
    """From exec to ready: the seconds, those of the restore of the state (or the memory) alone, those of the processor
    until then, and resident memory when ready, in MB."""
    begin = time.monotonic()
    with WorkerProcess(settings_of(stream, stream.group(), **settings)) as worker:
        worker.wait_ready()
        seconds = time.monotonic() - begin
        restored = re.search(rf"{what} restored in ([\d.]+) s", worker.log)
        assert restored is not None, worker.log
        found = {
            "ready_s": seconds,
            "restore_s": float(restored[1]),
            "cpu_s": cpu_seconds(worker.pid),
            "resident_mb": resident_mb(worker.pid),
        }
        worker.stop()
    return found


def read_alone(stream: Stream) -> dict[str, float]:
    """Read all records of the state of hits by sender with librdkafka, and do nothing with them: the seconds, and those
    of the processor."""
    topics = stream.topics("nobody")
    topic = topics.names.typo_hits_state
    ends = {partition: end for partition, end in topics.ends(topic).items() if end}
    topics.close()
    begin, cpu = time.monotonic(), time.process_time()
    reader = Consumer(
        {
            "bootstrap.servers": stream.settings.brokers,
            "group.id": "nobody",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "queued.max.messages.kbytes": READ_AHEAD_KB,
            "fetch.queue.backoff.ms": 10,
        }
    )
    reader.assign([TopicPartition(topic, partition, 0) for partition in ends])
    while ends:
        for message in reader.consume(POLL_RECORDS, 0.01):
            error, partition = message.error(), message.partition()
            if error is not None:
                assert error.code() == KafkaError._PARTITION_EOF, error
                assert partition is not None
                del ends[partition]
    reader.close()
    return {"seconds": time.monotonic() - begin, "cpu_s": time.process_time() - cpu}


def help_seconds() -> float:
    """Seconds of `straymail --help`, from exec to its end."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-m", "streams", "--help"], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begin


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hits", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    helped = [help_seconds() for _ in range(5)]
    with cluster() as (kafka, folder):
        stream = published(kafka, folder, events(1_000, hits=1))
        firsts = [first_event_seconds(stream) for _ in range(options.runs)]
        none = published(kafka, folder, iter(()), prefix="none.")
        empty = [ready(none) for _ in range(options.runs)]
        million = published(kafka, folder, iter(()), prefix="million.")
        write_state(million, options.hits)
        full, alone = [], []
        for _ in range(options.runs):
            full.append(ready(million))
            alone.append(read_alone(million))
    print(f"{machine()}\n\n| what | seconds |\n|---|---|")
    print(f"| `straymail --help` | {spread(helped, 2)} |")
    print(f"| exec to the first event read, empty state | {spread(firsts, 1)} |")
    print(f"| exec to ready, empty state | {spread([one['ready_s'] for one in empty], 1)} |")
    print(f"| exec to ready, {options.hits:,} hits | {spread([one['ready_s'] for one in full], 1)} |")
    print(f"| the state restore alone | {spread([one['restore_s'] for one in full], 1)} |")
    print(f"| reading the same records with `consume` alone | {spread([one['seconds'] for one in alone], 1)} |")
    ratios = [one["restore_s"] / other["seconds"] for one, other in zip(full, alone, strict=True)]
    print(f"| ... the restore takes as many times that | {spread(ratios, 1)} |")
    memory = [one["resident_mb"] for one in full], [one["resident_mb"] for one in empty]
    print(f"\nMemory when ready: {spread(memory[0])} MB; with empty state {spread(memory[1])} MB")
    save(
        "start",
        {"help_s": helped, "first_event_s": firsts, "empty": empty, "full": full, "alone": alone, "hits": options.hits},
    )


if __name__ == "__main__":
    main()
