"""Mail that is right, and as nobody would expect it: too many of one kind, or at an odd time."""

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
from tests.faults.ground import Figures, Ground
from tests.faults.stream import Made, made
from tests.pipeline.mail import BEGIN_MS, MISTAKES, RIGHT
from tests.pipeline.worker import wait_until

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
YEAR_MS = 365 * DAY_MS
MOST_MB = 350
RECIPIENTS = 10_000


def many_senders(ground: Ground) -> Figures:
    """A million senders with one mail each; one in twenty makes a slip."""
    many = ground.size.many
    events = (_mail(ground, at, sender=f"u{at}@mod.gov.uk", is_slip=at % 20 == 0) for at in range(many))
    return _bounded(ground, events, many)


def one_sender(ground: Ground) -> Figures:
    """One sender with a million slips, most of them beyond what a finding counts."""
    events = (_mail(ground, at, sender="u@mod.gov.uk", is_slip=True) for at in range(ground.size.many))
    return _bounded(ground, events, ground.size.many)


def many_recipients(ground: Ground) -> Figures:
    """Mails with 10,000 recipients each, at 10,000 domains, or many of them at mistaken ones."""
    count = 10 * ground.size.times
    return _bounded(ground, (_to_many(ground, at) for at in range(count)), count)


def year_late(ground: Ground) -> Figures:
    """Mail of one window that arrives a year late, when the state of its window is long dropped: it opens findings
    of its own."""
    ground.add_workers(2)
    ground.stream().join()
    wait_until(lambda: _has_watermark(ground), seconds=60, what="ticks tell how far all mail events are")
    ground.wait_committed()
    late = ground.size.records // 10
    events = (_mail(ground, at, sender=f"u{at % 50}@mod.gov.uk", is_slip=at % 10 == 0) for at in range(late))
    moved = (
        event | {"id": f"late-{event['id']}", "message_id": f"<late-{event['id']}>", "time": event["time"] - YEAR_MS}
        for event in events
    )
    ground.send(made(moved, seed=ground.seed, bad=0.0), count=late).join()
    ground.wait_committed()
    hits = sum(worker.metric("straymail_late_hits_total") for worker in ground.workers)
    assert hits > 0, "nothing was late"
    return {"late hits": int(hits)} | ground.finish()


def _has_watermark(ground: Ground) -> bool:
    """Whether ticks have told how far each partition of the mail events is now: a finding of late mail lasts as long
    as the watermark doesn't move on."""
    topics = ground.topics
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


def clock_jump(ground: Ground) -> Figures:
    """Clocks that jump by a day: mail dated a day ahead is unreadable, mail dated a day back counts in its own
    window; Kafka's timestamps don't matter."""
    ground.add_workers(2, HISTORY="false")
    now_ms = clock.now_ms()
    ground.send(_jumping(ground, now_ms)).join()
    return ground.finish()


def _jumping(ground: Ground, now_ms: int) -> Iterator[Made]:
    """The last 20 hours' mail, of which the middle third has Kafka timestamps of the day before."""
    rng, count = random.Random(ground.seed), ground.size.records
    for at in range(count):
        jump = rng.choice([DAY_MS, -DAY_MS]) if rng.random() < 0.04 else 0
        time_ms = now_ms - 20 * HOUR_MS + 19 * HOUR_MS * at // count + jump
        event = _mail(ground, at, sender=f"u{at % 300}@mod.gov.uk", is_slip=at % 50 == 0) | {"time": time_ms}
        (record,) = made([event], seed=ground.seed, bad=0.0)
        is_middle = count < 3 * at < 2 * count
        yield replace(record, is_bad=jump > 0, timestamp_ms=now_ms - DAY_MS if is_middle else 0)


def _bounded(ground: Ground, events: Iterator[dict[str, Any]], count: int) -> Figures:
    """Two workers read it, with bounded memory."""
    ground.add_workers(2)
    ground.send(made(events, seed=ground.seed, bad=0.0), count=count).join()
    figures = ground.finish()
    assert figures["peak MB"] <= MOST_MB, f"a worker took {figures['peak MB']} MB"  # type: ignore[operator]
    return figures


def _mail(ground: Ground, number: int, *, sender: str, is_slip: bool) -> dict[str, Any]:
    """The mail of this number, in the middle hours of one day."""
    names = list(MISTAKES) if is_slip else RIGHT
    return {
        "id": f"e{number}",
        "message_id": f"<{number}@mod.gov.uk>",
        "time": BEGIN_MS + 6 * HOUR_MS + 12 * HOUR_MS * number // ground.size.many,
        "sender": sender,
        "recipients": [f"r{number}@{names[number // 20 % len(names)]}"],
        "delivery": "deferred",
    }


def _to_many(ground: Ground, number: int) -> dict[str, Any]:
    names = [f"partner{at}.example.com" for at in range(RECIPIENTS)] if number % 3 else [*MISTAKES, *RIGHT]
    recipients = [f"r{at}@{names[at % len(names)]}" for at in range(RECIPIENTS - 1)] + [f"x{number}@army.ml"]
    return _mail(ground, number, sender=f"u{number % 10}@mod.gov.uk", is_slip=True) | {"recipients": recipients}
