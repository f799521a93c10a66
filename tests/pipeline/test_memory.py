"""The memory that workers share through a real Kafka: across workers, crashes, compaction and erasure."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import orjson
import pytest
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from streams import clock
from streams.events.hit import TypoHit, decode_hit_or_tick
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.admin import create_topics
from streams.memory.facts import PersonFacts
from streams.memory.lessons import LearningPolicy
from streams.memory.memory import DAY_MS, Memory
from streams.memory.memory_digests import MemoryDigests
from streams.memory.records import MemoryKind, MemoryRecord, encode
from streams.memory.replica import Replica
from tests.broker.apache import ApacheKafka
from tests.pipeline.conftest import NewWorker
from tests.pipeline.topics import Topics
from tests.pipeline.worker import WorkerProcess, wait_until

KEY = "a secret of the tests, long enough"
DIGESTS = MemoryDigests(KEY.encode())
TODAY = clock.now_ms() // DAY_MS
YESTERDAY = TODAY - 1
ON = {"OWN_DOMAINS": "mod.example", "PRIVACY_KEY": KEY}


@pytest.fixture
def watchlist(tmp_path: Path) -> Path:
    """Without the sample's wildcard and its listed mistakes, which need no memory."""
    path = tmp_path / "watchlist.yaml"
    path.write_text("watched: [army.mil]\n")
    return path


def mail(sender: str, to: str, *, day: int, number: int = 0) -> tuple[str, bytes]:
    """Key and value of a delivered mail of a day; the key spreads them over the partitions."""
    event = {
        "id": f"{day} {sender} {to} {number}",
        "time": day * DAY_MS + number % 1_000,
        "sender": sender,
        "recipients": [to],
        "delivery": "delivered",
    }
    return f"{sender}{to}", orjson.dumps(event)


def send(topics: Topics, *mails: tuple[str, bytes]) -> None:
    topics.send(topics.names.events, iter(mails))


def hits(topics: Topics) -> list[TypoHit]:
    decoded = map(decode_hit_or_tick, topics.values(topics.names.typo_hits))
    return [hit for hit in decoded if isinstance(hit, TypoHit)]


def restored(topics: Topics) -> Memory:
    """What a worker that starts now would know."""
    replica = Replica(Memory(DIGESTS, LearningPolicy()))
    for record in topics.read(topics.names.correspondents):
        replica.take(record.key, record.value, record.timestamp_ms, today=TODAY, assigned=())
    return replica.memory


def persons(memory: Memory, names: Iterator[str] | list[str]) -> dict[str, PersonFacts | None]:
    return {name: memory.person(name, "army.mil", TODAY + 1) for name in names}


def known(worker: WorkerProcess) -> float:
    return worker.metric("straymail_memory_entries", kind="person")


def forget(topics: Topics, *names: str) -> str:
    """What `straymail forget` says."""
    settings = {"BROKERS": topics.settings.brokers, "TOPIC_PREFIX": topics.settings.topic_prefix, **ON}
    environment = os.environ | {f"STRAYMAIL_{name}": value for name, value in settings.items()}
    command = [sys.executable, "-m", "streams", "forget", *names]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_a_second_worker_knows_what_the_first_has_learned(pipeline: Topics, new_worker: NewWorker) -> None:
    first = new_worker(**ON, HISTORY="true")
    first.wait_ready()
    send(pipeline, mail("m.ross@mod.example", "j.smith@army.mil", day=YESTERDAY))
    wait_until(pipeline.all_committed, seconds=60, what="the mail is scored")
    assert first.metric("straymail_memory_learned_total", kind="person") == 1
    assert first.stop() == 0
    second = new_worker(**ON, HISTORY="true")
    second.wait_ready()
    assert "memory restored" in second.log
    wait_until(lambda: known(second) == 1, seconds=30, what="the person is known")
    send(pipeline, mail("m.ross@mod.example", "j.smith@army.ml", day=TODAY))
    wait_until(lambda: len(hits(pipeline)) == 1, seconds=60, what="the slip is found")
    [hit] = hits(pipeline)
    assert hit.memory is not None
    assert hit.memory.known_to == "sender"
    wait_until(
        lambda: second.metric("straymail_memory_asked_total", known_to="sender") == 1, seconds=30, what="it is counted"
    )


def test_workers_that_run_follow_each_other_and_forget_at_once(pipeline: Topics, new_worker: NewWorker) -> None:
    one, two = new_worker(**ON), new_worker(**ON)
    one.wait_ready()
    two.wait_ready()
    names = [f"person{number}.x" for number in range(200)]
    send(pipeline, *(mail("m.ross@mod.example", f"{name}@army.mil", day=YESTERDAY) for name in names))
    _wait_for_persons(200, one, two)
    assert "person7.x@army.mil: 1 record erased" in forget(pipeline, "person7.x@army.mil")
    _wait_for_persons(199, one, two)
    send(pipeline, mail("m.ross@mod.example", "person7.x@army.mil", day=TODAY))
    wait_until(pipeline.all_committed, seconds=60, what="the mail is scored")
    digest = DIGESTS.person("person7.x", "army.mil")
    keys = [
        encode(MemoryRecord(MemoryKind.PERSON, digest, None), partition, DIGESTS.key_id)[0] for partition in range(8)
    ]
    last = {record.key: record.value for record in pipeline.read(pipeline.names.correspondents)}
    assert not any(last.get(key) for key in keys)
    assert restored(pipeline).persons == 199


@pytest.mark.timeout(240)
def test_a_crash_loses_nothing_and_doubles_nothing(pipeline: Topics, new_worker: NewWorker) -> None:
    """What is restored at the end is what a single memory learns from the same mail in a plain loop."""
    rng = random.Random(5)
    names = [f"person{number}.x" for number in range(300)]
    sent = [
        mail(f"desk{rng.randrange(6)}@mod.example", f"{rng.choice(names)}@army.mil", day=YESTERDAY - day, number=number)
        for day in range(5, 0, -1)
        for number in range(4_000)
    ]
    kept, killed = new_worker(**ON, HISTORY="true"), new_worker(**ON, HISTORY="true")
    kept.wait_ready()
    killed.wait_ready()
    half = len(sent) // 2
    send(pipeline, *sent[:half])
    killed.send_signal(signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    added = new_worker(**ON, HISTORY="true")
    send(pipeline, *sent[half:])
    added.wait_ready()
    wait_until(pipeline.all_committed, seconds=120, what="all mail is scored")
    found, expected = persons(restored(pipeline), names), _expected(sent)
    assert found == expected
    _wait_for_persons(len(names), kept, added)


@pytest.mark.usefixtures("kafka_jars")
@pytest.mark.timeout(240)
def test_a_broker_that_was_away_is_followed_again(watchlist: Path) -> None:
    with ApacheKafka() as kafka:
        settings = KafkaSettings(brokers=kafka.bootstrap)
        create_topics(settings)
        topics = Topics(settings, group="straymail")
        own = {"BROKERS": kafka.bootstrap, "WATCHLIST": str(watchlist), **ON}
        with WorkerProcess(own) as one, WorkerProcess(own) as other:
            for number in (1, 2):
                one.wait_ready()
                other.wait_ready()
                names = [f"{'xy'[number - 1]}.person{each}" for each in range(50)]
                send(topics, *(mail("m.ross@mod.example", f"{name}@army.mil", day=YESTERDAY) for name in names))
                _wait_for_persons(50 * number, one, other)
                kafka.stop()
                kafka.start()
            assert (one.stop(), other.stop()) == (0, 0)
        topics.close()


def _wait_for_persons(count: int, *workers: WorkerProcess) -> None:
    for worker in workers:
        wait_until(partial(_knows, worker, count), seconds=90, what=f"each worker knows {count} persons")


def _knows(worker: WorkerProcess, count: int) -> bool:
    return known(worker) == count


def _expected(sent: list[tuple[str, bytes]]) -> dict[str, PersonFacts | None]:
    facts: dict[str, PersonFacts] = {}
    for _, value in sent:
        event = orjson.loads(value)
        day, name = event["time"] // DAY_MS, event["recipients"][0].partition("@")[0]
        one = PersonFacts(day, day, 1, ((day << 16) | DIGESTS.tag(event["sender"]),))
        facts[name] = facts[name].joined(one) if name in facts else one
    return dict(facts)


@pytest.mark.timeout(240)
def test_a_compacted_topic_restores_the_same(pipeline: Topics, new_worker: NewWorker) -> None:
    topic = pipeline.names.correspondents
    _compact_at_once(pipeline, topic)
    worker = new_worker(**ON, HISTORY="true")
    worker.wait_ready()
    names = [f"person{number}.x" for number in range(50)]
    for day in range(20, 0, -1):
        send(pipeline, *(mail("m.ross@mod.example", f"{name}@army.mil", day=TODAY - day) for name in names))
        wait_until(pipeline.all_committed, seconds=60, what="the mail of a day is scored")
    before, written = persons(restored(pipeline), names), sum(pipeline.ends(topic).values())
    assert written >= 20 * len(names)
    wait_until(lambda: len(pipeline.values(topic)) < written / 2, seconds=120, what="Kafka has compacted the topic")
    assert persons(restored(pipeline), names) == before


def _compact_at_once(topics: Topics, topic: str) -> None:
    entries = {"segment.ms": "100", "min.cleanable.dirty.ratio": "0.01", "max.compaction.lag.ms": "100"}
    resource = ConfigResource(ResourceType.TOPIC, topic)
    for name, value in entries.items():
        resource.add_incremental_config(ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET))
    admin = AdminClient({"bootstrap.servers": topics.settings.brokers, "log_level": 0})
    for future in admin.incremental_alter_configs([resource]).values():
        future.result(30)


@pytest.mark.parametrize("off", [{"KNOWLEDGE_ENABLED": "false"}, {"OWN_DOMAINS": ""}])
def test_with_memory_off_nothing_is_read_or_written(
    pipeline: Topics, new_worker: NewWorker, off: dict[str, str]
) -> None:
    worker = new_worker(**(ON | off))
    worker.wait_ready()
    send(pipeline, mail("m.ross@mod.example", "j.smith@army.mil", day=YESTERDAY))
    wait_until(pipeline.all_committed, seconds=60, what="the mail is scored")
    assert pipeline.values(pipeline.names.correspondents) == []
    assert "memory restored" not in worker.log
    assert worker.stop() == 0


def test_records_that_cannot_be_used_stop_no_worker(pipeline: Topics, new_worker: NewWorker) -> None:
    person = MemoryRecord(MemoryKind.PERSON, 1, PersonFacts(TODAY + 30, TODAY + 30, 1))
    foreign = encode(person._replace(facts=PersonFacts(TODAY, TODAY, 1)), 0, MemoryDigests(b"another key").key_id)
    rubbish = [(b"rubbish", b"rubbish"), (b"x" * 17, b"\x01"), foreign, encode(person, 0, DIGESTS.key_id)]
    pipeline.send(pipeline.names.correspondents, iter(rubbish))  # type: ignore[arg-type]  # keys are bytes here
    worker = new_worker(**ON)
    worker.wait_ready()
    skipped = "straymail_memory_records_skipped_total"
    wait_until(lambda: worker.metric(skipped, reason="unreadable") == 3, seconds=60, what="rubbish is counted")
    assert worker.metric(skipped, reason="other-key") == 1
    send(pipeline, mail("m.ross@mod.example", "j.smith@army.mil", day=YESTERDAY))
    wait_until(lambda: known(worker) == 1, seconds=60, what="the worker goes on learning")
    assert worker.running
