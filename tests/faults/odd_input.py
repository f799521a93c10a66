"""Valid but unusual mail: very much of one kind, or at an unusual time."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson

from streams import clock
from streams.events.hit import Tick, decode_hit_or_tick
from streams.worker.watermarks import LATENESS_MS
from tests.faults.harness import Figures, Harness
from tests.faults.stream import SentRecord, records_of
from tests.pipeline.mail import BEGIN_MS, CORRECT, MISTAKES
from tests.pipeline.worker import wait_until

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
YEAR_MS = 365 * DAY_MS
MAX_MB = 350
RECIPIENTS = 10_000


def many_senders(harness: Harness) -> Figures:
    """A million senders with one mail each; one in twenty makes a slip."""
    many = harness.size.many
    events = (_mail(harness, at, sender=f"u{at}@mod.gov.uk", is_slip=at % 20 == 0) for at in range(many))
    return _bounded(harness, events, many)


def one_sender(harness: Harness) -> Figures:
    """One sender with a million slips, most of them beyond what a finding counts."""
    events = (_mail(harness, at, sender="u@mod.gov.uk", is_slip=True) for at in range(harness.size.many))
    return _bounded(harness, events, harness.size.many)


def many_recipients(harness: Harness) -> Figures:
    """Mails with 10,000 recipients each, at 10,000 domains, or many of them at mistaken ones."""
    count = 10 * harness.size.times
    return _bounded(harness, (_to_many(harness, at) for at in range(count)), count)


def year_late(harness: Harness) -> Figures:
    """Mail of one window that arrives a year late, when the state of its window is long dropped: it opens findings
    of its own."""
    harness.add_workers(2)
    harness.stream().join()
    wait_until(lambda: _has_watermark(harness), seconds=60, what="ticks report the watermarks of all mail events")
    harness.wait_committed()
    late = harness.size.records // 10
    events = (_mail(harness, at, sender=f"u{at % 50}@mod.gov.uk", is_slip=at % 10 == 0) for at in range(late))
    moved = (
        event | {"id": f"late-{event['id']}", "message_id": f"<late-{event['id']}>", "time": event["time"] - YEAR_MS}
        for event in events
    )
    harness.send(records_of(moved, seed=harness.seed, bad=0.0), count=late).join()
    harness.wait_committed()
    hits = sum(worker.metric("straymail_late_hits_total") for worker in harness.workers)
    assert hits > 0, "nothing was late"
    return {"late hits": int(hits)} | harness.finish()


def _has_watermark(harness: Harness) -> bool:
    """Whether ticks have reported the final watermark of each partition of the mail events. Late mail must be sent
    after that, since the state of its findings is dropped when the watermark advances."""
    topics = harness.topics
    newest: defaultdict[str, int] = defaultdict(int)
    for record in topics.read(topics.names.events):
        if not record.headers:
            partition = str(record.partition)
            newest[partition] = max(newest[partition], orjson.loads(record.value or b"")["time"] - LATENESS_MS)
    for value in topics.values(topics.names.typo_domains):
        tick = decode_hit_or_tick(value)
        if isinstance(tick, Tick):
            newest = defaultdict(int, {p: ms for p, ms in newest.items() if tick.tick.get(p, 0) < ms})
    return not newest


def clock_jump(harness: Harness) -> Figures:
    """Clocks that jump by a day: mail dated a day ahead is unreadable, mail dated a day back counts in its own
    window; Kafka's timestamps don't matter."""
    harness.add_workers(2, HISTORY="false")
    now_ms = clock.now_ms()
    harness.send(_jumping(harness, now_ms)).join()
    harness.wait_committed()
    harness.go_on_as_history()
    return harness.finish()


def _jumping(harness: Harness, now_ms: int) -> Iterator[SentRecord]:
    """Mail of the last 20 hours; its middle third has Kafka timestamps of the day before."""
    rng, count = random.Random(harness.seed), harness.size.records
    for at in range(count):
        jump = rng.choice([DAY_MS, -DAY_MS]) if rng.random() < 0.04 else 0
        time_ms = now_ms - 20 * HOUR_MS + 19 * HOUR_MS * at // count + jump
        event = _mail(harness, at, sender=f"u{at % 300}@mod.gov.uk", is_slip=at % 50 == 0) | {"time": time_ms}
        (record,) = records_of([event], seed=harness.seed, bad=0.0)
        is_middle = count < 3 * at < 2 * count
        yield replace(record, is_bad=jump > 0, timestamp_ms=now_ms - DAY_MS if is_middle else 0)


def _bounded(harness: Harness, events: Iterator[dict[str, Any]], count: int) -> Figures:
    """Send the events to two workers, whose memory must stay bounded."""
    harness.add_workers(2)
    harness.send(records_of(events, seed=harness.seed, bad=0.0), count=count).join()
    figures = harness.finish()
    assert figures["peak MB"] <= MAX_MB, f"a worker took {figures['peak MB']} MB"  # type: ignore[operator]
    return figures


def _mail(harness: Harness, number: int, *, sender: str, is_slip: bool) -> dict[str, Any]:
    """Mail number `number`, in the middle hours of one day."""
    names = list(MISTAKES) if is_slip else CORRECT
    return {
        "id": f"e{number}",
        "message_id": f"<{number}@mod.gov.uk>",
        "time": BEGIN_MS + 6 * HOUR_MS + 12 * HOUR_MS * number // harness.size.many,
        "sender": sender,
        "recipients": [f"r{number}@{names[number // 20 % len(names)]}"],
        "delivery": "deferred",
    }


def _to_many(harness: Harness, number: int) -> dict[str, Any]:
    names = [f"partner{at}.example.com" for at in range(RECIPIENTS)] if number % 3 else [*MISTAKES, *CORRECT]
    recipients = [f"r{at}@{names[at % len(names)]}" for at in range(RECIPIENTS - 1)] + [f"x{number}@army.ml"]
    return _mail(harness, number, sender=f"u{number % 10}@mod.gov.uk", is_slip=True) | {"recipients": recipients}
