"""A pipeline whose workers remember the day before a stream, and what the stream teaches.

The stream is of one day, so that nothing that it teaches changes a verdict of its own, in whatever order it is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from streams.detection.detector import Detector
from streams.detection.own_mail import OwnMail, received_mail
from streams.detection.score_events import score_events
from streams.domains.scorer import Scorer
from streams.domains.thresholds import PlainThresholds
from streams.domains.watchlist.watchlist import Watchlist
from streams.events.hit import Tick, decode_hit_or_tick
from streams.events.mail import MailEvent, encode
from streams.events.privacy import Privacy
from streams.events.remembered import Remembered
from streams.kafka.clients.sync_producer import SyncProducer
from streams.memory.facts import DAYS_KEPT
from streams.memory.lessons import LearningPolicy
from streams.memory.memory import DAY_MS, Memory, MemoryBounds
from streams.memory.memory_digests import MemoryDigests
from streams.memory.records import MemoryKind, PackedRecord
from streams.memory.replica import BY_COMMANDS, Replica
from tests.pipeline.mail import BEGIN_MS, MISTAKES, SPAN_MS
from tests.pipeline.topics import Topics
from tests.pipeline.worker import WorkerProcess, wait_until

KEY = "a secret of the scenarios, long enough"
OWN = "mod.gov.uk"
SETTINGS = {"OWN_DOMAINS": OWN, "PRIVACY_KEY": KEY, "KNOWLEDGE_SILENT_SOURCES": "postfix,relay"}
TODAY = BEGIN_MS // DAY_MS + DAYS_KEPT
BEFORE = Remembered(memory_days=1, days_out=1, days_in=1)
"""What is known of each mistaken domain on the day of the stream."""


def in_one_day(events: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Mail events with their times in the first day."""
    share = SPAN_MS // DAY_MS + 1
    return ({**event, "time": BEGIN_MS + (event["time"] - BEGIN_MS) // share} for event in events)


def teach(topics: Topics) -> None:
    """Write what mail with each mistaken domain on the day before the stream has taught, as `straymail learn` does."""
    memory = _new_memory()
    written = Replica(memory).written(_learn(memory, _day_before()), BY_COMMANDS)
    with SyncProducer(topics.settings, topics.names.correspondents) as producer:
        for key, value in written:
            producer.send(value, key=key)


def verify_memory(topics: Topics, values: Iterable[bytes], workers: Iterable[WorkerProcess]) -> dict[str, int]:
    """Verify that the topic, and each worker, has exactly what a plain loop over the events learns, and that each hit
    of the stream was judged by the day before; raises AssertionError."""
    learned, restored = _new_memory(), _restored(topics)
    _learn(learned, [*_day_before(), *values])
    assert _entries(restored) == _entries(learned), "the topic of the memory has something else than was taught"
    assert restored.mail_days.facts == learned.mail_days.facts, "the memory has other days"
    hits = [hit for hit in map(decode_hit_or_tick, topics.values(topics.names.typo_hits)) if not isinstance(hit, Tick)]
    assert {hit.memory for hit in hits} == {BEFORE}, "a hit was judged by something else"
    sizes = learned.persons, learned.correspondents
    for worker in workers:
        worker.wait_ready()  # the last of them may have been started just now
        wait_until(lambda each=worker: _sizes(each) == sizes, seconds=60, what="each worker knows it")  # type: ignore[misc]
    return {"persons": learned.persons}


def _day_before() -> list[bytes]:
    ours = f"desk1@{OWN}"
    pairs = [pair for domain in MISTAKES for pair in ((ours, f"friend@{domain}"), (f"friend@{domain}", ours))]
    time = BEGIN_MS - DAY_MS // 2
    return [
        encode(MailEvent(id=f"{at}", time=time, sender=sender, recipients=[to], delivery="delivered"))
        for at, (sender, to) in enumerate(pairs)
    ]


def _sizes(worker: WorkerProcess) -> tuple[float, ...]:
    return tuple(worker.metric("straymail_memory_entries", kind=kind) for kind in ("person", "correspondent"))


def _new_memory() -> Memory:
    policy = LearningPolicy(silent_sources=frozenset(SETTINGS["KNOWLEDGE_SILENT_SOURCES"].split(",")))
    return Memory(MemoryDigests(KEY.encode()), policy, MemoryBounds(1_000_000, 1_000))


def _learn(memory: Memory, values: Iterable[bytes]) -> list[PackedRecord]:
    watchlist = Watchlist({"*.mil": None}, {}, MISTAKES, {})
    detector = Detector(Scorer(watchlist, PlainThresholds()), Privacy(KEY.encode()), lambda: 0.0, memory)
    batch = score_events(list(values), detector, OwnMail([OWN]), now_ms=None, is_received=received_mail([OWN]))
    return batch.learned


def _restored(topics: Topics) -> Memory:
    replica = Replica(_new_memory())
    for record in topics.read(topics.names.correspondents):
        replica.take(record.key, record.value, record.timestamp_ms, today=TODAY, assigned=())
    assert not replica.skipped, f"records of the memory can't be read: {replica.skipped}"
    return replica.memory


def _entries(memory: Memory) -> dict[tuple[MemoryKind, int], bytes]:
    tables = {MemoryKind.PERSON: memory._persons, MemoryKind.CORRESPONDENT: memory._correspondents}
    return {(kind, digest): row for kind, table in tables.items() for digest, row in table.items()}
