"""Bytewax: a dataflow from Kafka to Kafka. It has no consumer group, so it commits nothing.

python -m bench.peers.bytewax_flow BROKERS EVENTS HITS COUNT WATCHLIST
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource
from bytewax.dataflow import Dataflow
from bytewax.testing import run_main

from bench.peers.clock import Stopwatch
from bench.peers.work import same


def main() -> None:
    """Read the topic to its end and publish its hits."""
    brokers, source, sink, count, watchlist = sys.argv[1:6]
    hits, watch = same(Path(watchlist)), Stopwatch(int(count))

    def score(message: Any) -> list[Any]:
        watch.event()
        return [KafkaSinkMessage(sender, hit) for sender, hit in hits(message.value)]

    flow = Dataflow("bench")
    events = op.input("events", flow, KafkaSource([brokers], [source], tail=False, batch_size=10_000))
    op.output("hits", op.flat_map("score", events, score), KafkaSink([brokers], sink))
    run_main(flow)
    watch.tell()


if __name__ == "__main__":
    main()
