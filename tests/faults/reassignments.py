"""Partitions that are reassigned at a bad moment, or with a large state."""

from __future__ import annotations

import re
import signal
import time

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tests.faults.harness import Figures, Harness
from tests.faults.stream import records_of
from tests.pipeline.mail import BEGIN_MS, MISTAKES
from tests.pipeline.worker import wait_until

SLOW = ("-m", "tests.faults.slow_memory_worker")
STALLS = ("-m", "tests.pipeline.stalling_worker")
RESTORED = re.compile(r"state restored in ([\d.]+) s")
SESSION_S = 15.0
MAILS_EACH = 50
HALF_A_DAY_MS = 43_200_000
MAX_MB = 350


def stale_batches(harness: Harness) -> Figures:
    """A worker's fetches are delayed while another one joins, so that it gets batches of revoked partitions: it
    drops them."""
    one = harness.add_worker((*STALLS, str(harness.cue)))
    one.wait_ready()
    stream = harness.stream()
    times = max(1, harness.size.times // 5)
    for _ in range(times):
        harness.cue.touch()
        time.sleep(harness.size.seconds / 6)
        harness.add_workers(1)
        harness.cue.unlink()
        time.sleep(1)
        harness.take_snapshot()
        harness.end_worker(harness.workers[-1], signal.SIGTERM)
    stream.join()
    dropped = one.metric("straymail_stale_batches_total")
    assert dropped > 0, "no batch was stale"
    return {"joins": times, "stale batches": int(dropped)} | harness.finish()


def slow_memory(harness: Harness) -> Figures:
    """Two workers take longer than their session to restore the memory. Meanwhile a third joins and works, and one of
    the two is stopped; the other one stays a member all the time."""
    harness.remember()
    harness.cue.touch()
    stopped, slow = [harness.add_worker((*SLOW, str(harness.cue))) for _ in range(2)]
    admin, group = AdminClient({"bootstrap.servers": harness.settings.brokers}), harness.topics.group
    wait_until(lambda: len(_members(admin, group)) == 2, seconds=60, what="both have joined")
    members, begin = _members(admin, group), time.monotonic()
    stream = harness.stream()
    harness.add_workers(1)
    harness.end_worker(stopped, signal.SIGTERM)
    took = time.monotonic() - begin
    time.sleep(max(0.0, SESSION_S + 3 - took))
    assert len(_members(admin, group) & members) == 1, "a worker that restores was put out of the group"
    harness.cue.unlink()
    slow.wait_ready()
    harness.take_snapshot()
    stream.join()
    return {"changed within s": round(took, 1)} | harness.finish()


def _members(admin: AdminClient, group: str) -> set[str]:
    """The ids of the group's members; none while its coordinator isn't ready."""
    try:
        described = admin.describe_consumer_groups([group], request_timeout=15)[group].result()
    except KafkaException:
        return set()
    return {member.member_id for member in described.members}


def large_state(harness: Harness) -> Figures:
    """The state of a million hits, counted by one worker within bounded memory, and restored by another."""
    many, senders, names = harness.size.many, harness.size.many // MAILS_EACH, list(MISTAKES)
    events = (
        {
            "id": f"e{at}",
            "message_id": f"<{at}@mod.gov.uk>",
            "time": BEGIN_MS + HALF_A_DAY_MS * at // many,
            "sender": f"u{at % senders}@mod.gov.uk",
            "recipients": [f"r{at}@{names[at // senders % len(names)]}"],
        }
        for at in range(many)
    )
    harness.add_workers(1)
    begin = time.monotonic()
    harness.send(records_of(events, seed=harness.seed, bad=0.0), count=many).join()
    harness.wait_committed()
    counted = time.monotonic() - begin
    counting_mb = harness.peak_mb()
    assert counting_mb <= MAX_MB, f"the worker took {counting_mb} MB"
    harness.end_worker(harness.workers[0], signal.SIGTERM)
    worker = harness.add_worker()
    wait_until(lambda: bool(RESTORED.search(worker.log)), seconds=harness.size.patience_s, what="the state is restored")
    seconds, loaded_mb = float(RESTORED.findall(worker.log)[-1]), harness.peak_mb()
    figures: Figures = {"hits/s counted": round(many / counted), "seconds to load": seconds, "counting MB": counting_mb}
    figures |= {"loaded MB": loaded_mb} | harness.finish()
    assert int(str(figures["peak MB"])) <= MAX_MB, f"the worker that ended all windows took {figures['peak MB']} MB"
    return figures
