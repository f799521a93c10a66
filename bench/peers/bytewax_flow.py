"""Bytewax: a dataflow from Kafka to Kafka, with event-time windows and a recovery store, as in its documentation.

    python -m bench.peers.bytewax_flow BROKERS EVENTS NAME WATCHLIST VERDICTS FOLDER

It has no consumer group: its recovery store keeps offsets and windows, every ten seconds, which is its default.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import bytewax.operators as op
import bytewax.operators.windowing as win
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource
from bytewax.dataflow import Dataflow
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.testing import cluster_main

from bench.peers.clock import FirstEvent
from bench.peers.work import WINDOW_MS, Found, Hits, alert, same

DAY = timedelta(milliseconds=WINDOW_MS)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Count(win.WindowLogic):  # type: ignore[misc]  # Bytewax isn't installed where types are checked
    """A count that is emitted whenever it changes; those of the library are emitted when their window closes."""

    def __init__(self, resumed: int | None) -> None:
        self._count = resumed or 0

    def on_value(self, value: Found) -> Iterable[int]:
        self._count += 1
        return (self._count,)

    def on_merge(self, original: Count) -> Iterable[int]:
        self._count += original._count
        return ()

    def on_close(self) -> Iterable[int]:
        return ()

    def snapshot(self) -> int:
        return self._count


def time_of(found: Found) -> datetime:
    """The time of a hit, as the windows want it."""
    return EPOCH + timedelta(milliseconds=found.time_ms)


def build(brokers: list[str], source: str, name: str, hits: Hits) -> Dataflow:
    """The dataflow: hits to NAME.hits, and each change of a count by sender or by domain to NAME.alerts."""
    first = FirstEvent()

    def score(message: Any) -> list[Found]:
        first.event()
        return hits(message.value)

    flow = Dataflow("bench")
    events = op.input("events", flow, KafkaSource(brokers, [source], batch_size=10_000))
    found = op.flat_map("score", events, score)
    messages = op.map("message", found, lambda hit: KafkaSinkMessage(hit.sender.encode(), hit.hit))
    op.output("hits", messages, KafkaSink(brokers, f"{name}.hits"))
    for rule in ("sender", "domain"):
        op.output(f"{rule}-alerts", counts(rule, found), KafkaSink(brokers, f"{name}.alerts"))
    return flow


def counts(rule: str, found: Any) -> Any:
    """The messages of the counts by sender or domain, in windows of event time that wait a day for late hits."""
    keyed = op.key_on(f"by-{rule}", found, lambda hit: getattr(hit, rule))
    clock = win.EventClock(time_of, wait_for_system_duration=DAY, to_system_utc=lambda _: None)
    windower = win.TumblingWindower(length=DAY, align_to=EPOCH)
    counted = win.window(f"count-{rule}", keyed, clock, windower, Count, ordered=False)

    def message(keyed_count: tuple[str, tuple[int, int]]) -> Any:
        key, (window, count) = keyed_count
        return KafkaSinkMessage(key.encode(), alert(rule, key, window * WINDOW_MS, count))

    return op.map(f"{rule}-message", counted.down, message)


def main() -> None:
    """Read the topic until the process is ended."""
    brokers, source, name, watchlist, verdicts, folder = sys.argv[1:]
    store = Path(folder) / "recovery"
    if not store.exists():
        store.mkdir()
        init_db_dir(store, 1)
    flow = build(brokers.split(","), source, name, same(Path(watchlist), Path(verdicts)))
    cluster_main(flow, [], 0, recovery_config=RecoveryConfig(str(store)))


if __name__ == "__main__":
    main()
