"""All scenarios by name, and the broker that each wants."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.broker.apache import ApacheKafka
from tests.broker.cluster import ApacheCluster
from tests.faults import brokers, changes, fuzz, odd_input, pressure, records, takeovers, topics_gone, workers, zombies
from tests.faults.ground import Figures, Ground, Size

SHARED: Mapping[str, Callable[[Ground], Figures]] = {
    "killed-workers": workers.killed_workers,
    "stopped-workers": workers.stopped_workers,
    "zombies": zombies.zombies,
    "half-published": zombies.half_published,
    "endless-rebalances": workers.endless_rebalances,
    "stopped-in-a-rebalance": workers.stopped_in_a_rebalance,
    "bad-records": records.bad_records,
    "full-queue": pressure.full_queue,
    "refused-deliveries": pressure.refused_deliveries,
    "stale-batches": takeovers.stale_batches,
    "large-state": takeovers.large_state,
    "many-senders": odd_input.many_senders,
    "one-sender": odd_input.one_sender,
    "many-recipients": odd_input.many_recipients,
    "year-late": odd_input.year_late,
    "clock-jump": odd_input.clock_jump,
    "changed-watchlist": changes.changed_watchlist,
    "changed-rules": changes.changed_rules,
    "large-records": records.large_records,
    "too-few-partitions": topics_gone.too_few_partitions,
    "deleted-topic": topics_gone.deleted_topic,
}
"""They leave the broker alone, so they may share one."""
BREAKING: Mapping[str, Callable[[Ground, ApacheKafka], Figures]] = {"broker-away": brokers.broker_away}
CLUSTER: Mapping[str, Callable[[Ground, ApacheCluster], Figures]] = {"brokers-in-turn": brokers.brokers_in_turn}
ALONE: Mapping[str, Callable[[int, Size], Figures]] = {"fuzzed-decoder": fuzz.fuzzed_decoder}
"""They need no broker."""
NAMES = (*SHARED, *BREAKING, *CLUSTER, *ALONE)


def play(name: str, folder: Path, *, seed: int, size: Size, shared: ApacheKafka) -> Figures:
    """Play a scenario to its end and give its figures; an AssertionError where the promise was broken."""
    begin = time.monotonic()
    if name in ALONE:
        figures = ALONE[name](seed, size)
    elif name in SHARED:
        with Ground(shared.bootstrap, folder, seed=seed, size=size) as ground:
            figures = SHARED[name](ground)
    elif name in BREAKING:
        with ApacheKafka() as kafka, Ground(kafka.bootstrap, folder, seed=seed, size=size) as ground:
            figures = BREAKING[name](ground, kafka)
    else:
        with ApacheCluster() as cluster, Ground(cluster.bootstrap, folder, seed=seed, size=size, replicas=3) as ground:
            figures = CLUSTER[name](ground, cluster)
    return figures | {"seconds": round(time.monotonic() - begin)}


@contextmanager
def played(
    names: Iterable[str], folder: Path, *, seed: int, size: Size, shared: ApacheKafka, at_once: int
) -> Iterator[dict[str, Future[Figures]]]:
    """Play so many scenarios at once: each waits most of the time. What has not begun when the block ends is left."""
    pool = ThreadPoolExecutor(at_once)
    try:
        yield {name: pool.submit(play, name, folder, seed=seed, size=size, shared=shared) for name in names}
    finally:
        pool.shutdown(cancel_futures=True)


def about(name: str) -> str:
    """What a scenario does, in a sentence."""
    found = SHARED.get(name) or BREAKING.get(name) or CLUSTER.get(name) or ALONE[name]
    return " ".join((found.__doc__ or "").split())
