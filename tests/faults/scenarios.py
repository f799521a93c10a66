"""All fault scenarios by name, and the broker that each needs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.broker.apache import ApacheKafka
from tests.broker.cluster import ApacheCluster
from tests.faults import (
    broken_topics,
    brokers,
    changes,
    clocks,
    fuzz,
    lost_state,
    odd_input,
    partitions,
    pressure,
    quiet,
    read_again,
    reassignments,
    records,
    stale_counts,
    transactions,
    workers,
    zombies,
)
from tests.faults.harness import Figures, Harness, Size

SHARED: Mapping[str, Callable[[Harness], Figures]] = {
    "killed-workers": workers.killed_workers,
    "restarted-in-place": workers.restarted_in_place,
    "stopped-workers": workers.stopped_workers,
    "zombies": zombies.zombies,
    "half-published": zombies.half_published,
    "endless-rebalances": workers.endless_rebalances,
    "stopped-in-a-rebalance": workers.stopped_in_a_rebalance,
    "quiet-partitions": quiet.quiet_partitions,
    "bad-records": records.bad_records,
    "full-queue": pressure.full_queue,
    "refused-deliveries": pressure.refused_deliveries,
    "stale-batches": reassignments.stale_batches,
    "slow-memory": reassignments.slow_memory,
    "large-state": reassignments.large_state,
    "many-senders": odd_input.many_senders,
    "one-sender": odd_input.one_sender,
    "many-recipients": odd_input.many_recipients,
    "year-late": odd_input.year_late,
    "clock-jump": odd_input.clock_jump,
    "stale-counts": stale_counts.stale_counts,
    "wrong-clock": clocks.wrong_clock,
    "changed-watchlist": changes.changed_watchlist,
    "changed-rules": changes.changed_rules,
    "large-records": records.large_records,
    "read-again": read_again.read_again,
    "lost-state": lost_state.lost_state,
    "too-few-partitions": broken_topics.too_few_partitions,
    "deleted-topic": broken_topics.deleted_topic,
    "transactions": transactions.transactions,
    "added-partitions": partitions.added_partitions,
}
"""These don't disturb the broker, so they can share one."""
BREAKING: Mapping[str, Callable[[Harness, ApacheKafka], Figures]] = {
    "broker-away": brokers.broker_away,
    "restarted-broker": brokers.restarted_broker,
}
CLUSTER: Mapping[str, Callable[[Harness, ApacheCluster], Figures]] = {"brokers-in-turn": brokers.brokers_in_turn}
ALONE: Mapping[str, Callable[[int, Size], Figures]] = {"fuzzed-decoder": fuzz.fuzzed_decoder}
"""These need no broker."""
NAMES = (*SHARED, *BREAKING, *CLUSTER, *ALONE)


def run_scenario(name: str, folder: Path, *, seed: int, size: Size, shared: ApacheKafka) -> Figures:
    """Run a scenario and return its figures; raises AssertionError where a delivery guarantee was violated."""
    begin = time.monotonic()
    if name in ALONE:
        figures = ALONE[name](seed, size)
    elif name in SHARED:
        with Harness(shared.bootstrap, folder, seed=seed, size=size) as harness:
            figures = SHARED[name](harness)
    elif name in BREAKING:
        with ApacheKafka() as kafka, Harness(kafka.bootstrap, folder, seed=seed, size=size) as harness:
            figures = BREAKING[name](harness, kafka)
    else:
        with (
            ApacheCluster() as cluster,
            Harness(cluster.bootstrap, folder, seed=seed, size=size, replicas=3) as harness,
        ):
            figures = CLUSTER[name](harness, cluster)
    return figures | {"seconds": round(time.monotonic() - begin)}


@contextmanager
def run_scenarios(
    names: Iterable[str], folder: Path, *, seed: int, size: Size, shared: ApacheKafka, at_once: int
) -> Iterator[dict[str, Future[Figures]]]:
    """Run scenarios, `at_once` at a time, since each waits most of the time. Those that haven't started when the block
    ends are cancelled."""
    pool = ThreadPoolExecutor(at_once)
    try:
        yield {name: pool.submit(run_scenario, name, folder, seed=seed, size=size, shared=shared) for name in names}
    finally:
        pool.shutdown(cancel_futures=True)


def description(name: str) -> str:
    """A sentence on what a scenario does."""
    found = SHARED.get(name) or BREAKING.get(name) or CLUSTER.get(name) or ALONE[name]
    return " ".join((found.__doc__ or "").split())
