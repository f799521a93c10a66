"""The pause of alerts while four workers are restarted in turn: `make bench-restart`.

Mail is published all the time, 50 a second, each mistyped by another sender, so that each causes an alert. Meanwhile
one worker after the other is ended and, some seconds later, started again; the next one follows once that one is ready.
A mail's latency is from its publication to the alert at a reader of mail.alerts.
"""

from __future__ import annotations

import argparse
import random
import signal
import threading
import time
from contextlib import ExitStack

from confluent_kafka import Producer

from bench.cluster import Stream, cluster, published
from bench.figures import machine
from bench.latency import Timings, mail, read
from bench.readers import settings_of
from bench.threads import in_thread
from tests.pipeline.worker import WorkerProcess, wait_until

WORKERS = 4
RATE = 50
SETTLE_S = 10.0
LAST_S = 90.0
"""A worker that was killed may hold its partitions for a whole session."""


def restart(workers: list[WorkerProcess], by: signal.Signals, away_s: float) -> None:
    """End each worker and start it again."""
    for worker in workers:
        worker.send_signal(by)
        worker.wait()
        time.sleep(away_s)
        worker.start()
        worker.wait_ready()


def send(stream: Stream, timings: Timings, stop: threading.Event) -> None:
    """Publish mistyped mail at a steady rate."""
    producer = Producer({"bootstrap.servers": stream.settings.brokers, "linger.ms": 5})
    rng, number = random.Random(RATE), 0
    while not stop.wait(1 / RATE):
        message_id, value = mail(rng, number, is_hit=True)
        timings.sent[message_id] = time.time()
        producer.produce(stream.events, value)
        producer.poll(0)
        number += 1
    producer.flush()


def measure(stream: Stream, by: signal.Signals, away_s: float, *, ids: bool) -> list[float]:
    """The latencies of the mails that were published from the first end of a worker to the last start, in seconds; the
    workers have instance ids where `ids`."""
    timings, group = Timings(), stream.group()
    topics = stream.topics(group)
    alerts = topics.names.alerts
    topics.close()
    with ExitStack() as stack:
        named = [{"INSTANCE_ID": f"bench-{number}"} if ids else {} for number in range(WORKERS)]
        settings = [settings_of(stream, group, HISTORY="false", **own) for own in named]
        workers = [stack.enter_context(WorkerProcess(own)) for own in settings]
        for worker in workers:
            worker.wait_ready()
        with in_thread(read, stream, alerts, timings):
            with in_thread(send, stream, timings):
                time.sleep(SETTLE_S)
                begin_s = time.time()
                restart(workers, by, away_s)
                end_s = time.time()
                time.sleep(SETTLE_S)
            wait_until(lambda: len(timings.read) == len(timings.sent), seconds=LAST_S, what="an alert of each mail")
        for worker in workers:
            worker.stop()
    return sorted(timings.read[i] - at for i, at in timings.sent.items() if begin_s <= at <= end_s)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--by", choices=("SIGTERM", "SIGKILL"), default="SIGTERM", help="how a worker is ended")
    parser.add_argument("--away", type=float, default=0.0, help="seconds from its end to its start")
    parser.add_argument("--ids", action="store_true", help="workers have instance ids")
    options = parser.parse_args()
    print(f"Restart of {WORKERS} workers in turn, seconds from a mail to its alert; {machine()}\n")
    print("| run | mails | p50 | p99 | max | mails over 1 s |\n|---|---|---|---|---|---|")
    with cluster() as (kafka, folder):
        for run in range(options.runs):
            stream = published(kafka, folder, iter(()), prefix=f"run{run}.")
            took = measure(stream, signal.Signals[options.by], options.away, ids=options.ids)
            p50, p99 = took[len(took) // 2], took[len(took) * 99 // 100]
            late = sum(seconds > 1 for seconds in took) / len(took)
            print(f"| {run + 1} | {len(took):,} | {p50:.2f} | {p99:.2f} | {took[-1]:.2f} | {late:.1%} |", flush=True)


if __name__ == "__main__":
    main()
