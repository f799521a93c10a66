"""Bytewax: a dataflow from Kafka to Kafka. It has no consumer group, so it commits nothing.

python -m bench.peers.bytewax_flow BROKERS EVENTS HITS COUNT WATCHLIST
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import bytewax.operators as op
import bytewax.operators.windowing as win
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, run_main

from bench.peers.clock import Stopwatch
from bench.peers.work import same


def main() -> None:
    """Read the topic to its end, publish the hits, and print the figures."""
    brokers, source, sink, count, watchlist = sys.argv[1:6]
    hits, watch = same(Path(watchlist)), Stopwatch(int(count))

    def score(message: Any) -> list[Any]:
        watch.event()
        return [KafkaSinkMessage(sender, hit) for sender, hit in hits(message.value)]

    flow = Dataflow("bench")
    events = op.input("events", flow, KafkaSource([brokers], [source], tail=False, batch_size=10_000))
    found = op.flat_map("score", events, score)
    op.output("hits", found, KafkaSink([brokers], sink))
    window = win.TumblingWindower(length=timedelta(days=1), align_to=datetime(1970, 1, 5, tzinfo=UTC))
    counted = win.count_window("count", found, win.SystemClock(), window, lambda hit: hit.key.decode())
    op.output("counts", counted.down, TestingSink([]))
    run_main(flow)
    watch.report()


if __name__ == "__main__":
    main()
