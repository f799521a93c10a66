"""The score step on a real producer and a broker: what it publishes, and when a batch may be committed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

import pytest

from streams import clock
from streams.detection.detector import Detector
from streams.detection.own_mail import OwnMail, received_mail
from streams.dns.lookup import WAIT_S, Lookup
from streams.dns.settings import DnsSettings
from streams.errors import BrokerError
from streams.events.dead_letter import decode as decode_dead_letter
from streams.events.hit import TypoHit, decode_hit_or_tick
from streams.kafka.clients.async_producer import AsyncProducer
from streams.kafka.clients.read import KafkaRecord
from streams.kafka.dataplane.batch import Batch
from streams.kafka.embedded import EmbeddedBroker
from streams.memory.lessons import LearningPolicy
from streams.memory.memory import DAY_MS, Memory
from streams.memory.memory_digests import MemoryDigests
from streams.memory.records import MemoryKind, decode
from streams.memory.replica import Replica
from streams.metrics import Metrics
from streams.service.memory_topic import MemoryTopic
from streams.worker.score_step import AskDns, HitTopics, ScoreStep
from streams.worker.watermarks import SourceProgress
from tests.broker.faults import refuse_records
from tests.dns.test_questions import responder
from tests.domains.scorers import scorer_of
from tests.kafka.clients.running import run, running
from tests.kafka.dataplane.batches import batch_of
from tests.name_server import NameServer
from tests.worker.samples import DEAD_LETTERS, PRIVACY, dead_letters_of, read, sample

TOPICS = HitTopics("mail.typo-hits", "mail.typo-domains")
HOUR_MS = 3_600_000
HITS_AT_ONCE = 50
CORRESPONDENTS = "mail.correspondents"


@dataclass
class Scoring:
    """A score step and what it works on; `sample` gives the value of a metric."""

    step: ScoreStep
    producer: AsyncProducer
    metrics: Metrics
    progress: SourceProgress

    def sample(self, name: str, **labels: str) -> float | None:
        return sample(self.metrics, name, **labels)


@pytest.fixture
def broker(embedded_broker: EmbeddedBroker) -> EmbeddedBroker:
    embedded_broker.create_topics({TOPICS.by_sender: 2, TOPICS.by_domain: 2, DEAD_LETTERS: 1, CORRESPONDENTS: 1})
    return embedded_broker


@asynccontextmanager
async def scoring(
    broker: EmbeddedBroker,
    config: Mapping[str, Any] = {},
    *,
    own: tuple[str, ...] = (),
    history: bool = False,
    monotonic: Callable[[], float] = clock.monotonic,
    memory: Memory | None = None,
    ask_dns: AskDns | None = None,
) -> AsyncIterator[Scoring]:
    """A step that watches army.mil and navy.mil; `config` is the producer's, `monotonic` times the scoring."""
    metrics, progress = Metrics("test"), SourceProgress()
    async with running(broker, **config) as producer:
        step = ScoreStep(
            Detector(scorer_of("army.mil", "navy.mil"), PRIVACY, monotonic, memory),
            producer,
            TOPICS,
            dead_letters_of(producer, metrics),
            progress,
            metrics,
            is_own_mail=OwnMail(own),
            domain_key=PRIVACY.digest,
            sources=frozenset({"postfix"}),
            history=history,
            now_ms=clock.now_ms,
            is_received=received_mail(own),
            memory=None if memory is None else _memory_topic(memory, producer, metrics),
            ask_dns=ask_dns,
        )
        yield Scoring(step, producer, metrics, progress)


def _memory_topic(memory: Memory, producer: AsyncProducer, metrics: Metrics) -> MemoryTopic:
    """A topic that nobody reads."""
    return MemoryTopic(
        Replica(memory), CORRESPONDENTS, producer, metrics, read=lambda: iter(()), assigned=tuple, ages=True
    )


def mail(number: int, *recipients: str, age_ms: int = 0, **fields: Any) -> bytes:
    """A mail event as it comes."""
    event = {"id": f"e{number}", "time": clock.now_ms() - age_ms, "sender": "jo@mod.example", "recipients": recipients}
    return json.dumps(event | fields).encode()


def hits(records: list[KafkaRecord]) -> list[tuple[bytes | None, str, str]]:
    """Key, event and mistaken domain of each hit."""
    read_hits = [(record.key, decode_hit_or_tick(record.value)) for record in records]
    return sorted((key, hit.event_id, hit.domain) for key, hit in read_hits if isinstance(hit, TypoHit))


def test_each_hit_goes_to_both_topics_under_the_digest_of_its_sender_and_of_its_domain(
    broker: EmbeddedBroker,
) -> None:
    async def work() -> None:
        async with scoring(broker) as scored:
            batch = batch_of(
                [
                    mail(1, "a@army.ml", "b@army.mil"),
                    mail(2, "b@army.mil"),
                    mail(3, "a@army.ml", "c@navy.ml", sender="Kim@mod.example"),
                ]
            )
            await scored.step(batch)
            assert batch.pending is not None
            await batch.pending.wait()
            assert batch.pending.sent == 6

    run(work)
    jo, kim, army, navy = (
        PRIVACY.digest(text).encode() for text in ("jo@mod.example", "kim@mod.example", "army.ml", "navy.ml")
    )
    expected = [("e1", "army.ml"), ("e3", "army.ml"), ("e3", "navy.ml")]
    by_sender, by_domain = read(broker, TOPICS.by_sender), read(broker, TOPICS.by_domain)
    assert hits(by_sender) == sorted((key, *hit) for key, hit in zip((jo, kim, kim), expected, strict=True))
    assert hits(by_domain) == sorted((key, *hit) for key, hit in zip((army, army, navy), expected, strict=True))
    assert {record.value for record in by_sender} == {record.value for record in by_domain}


async def seen_during(step: ScoreStep, batch: Batch, look: Callable[[], object]) -> list[object]:
    """What another task sees at each of its turns while the step processes the batch."""
    seen: list[object] = []

    async def watch() -> None:
        while True:
            seen.append(look())
            await asyncio.sleep(0)

    watching = asyncio.ensure_future(watch())
    await step(batch)
    watching.cancel()
    return seen


def test_other_tasks_run_between_two_slices_of_expensive_domains(broker: EmbeddedBroker) -> None:
    """Each scoring takes a second by this clock, so each new domain ends a slice."""
    domains = ["one.example", "two.example", "three.example", "four.example"]

    async def work() -> None:
        async with scoring(broker, monotonic=count(0.0, 1.0).__next__) as scored:
            mails = [mail(number, f"a@{domain}") for number, domain in enumerate(domains)]
            assert len(await seen_during(scored.step, batch_of(mails), int)) == len(domains)
            assert await seen_during(scored.step, batch_of(mails), int) == []  # cached, and nothing to send

    run(work)


def test_more_hits_than_are_sent_at_once_are_sent_once_each_and_other_tasks_run_in_between(
    broker: EmbeddedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.worker.score_step.HITS_AT_ONCE", HITS_AT_ONCE)
    number_of_hits = 2 * HITS_AT_ONCE + 7

    async def work() -> None:
        async with scoring(broker) as scored:
            batch = batch_of([mail(number, "a@army.ml") for number in range(number_of_hits)])
            sent = partial(scored.sample, "typo_hits_total", slip="suffix-omission")
            seen = await seen_during(scored.step, batch, sent)
            assert set(seen) >= {HITS_AT_ONCE, 2 * HITS_AT_ONCE}
            assert sent() == number_of_hits
            assert batch.pending is not None
            await batch.pending.wait()

    run(work)
    expected = sorted(f"e{number}" for number in range(number_of_hits))
    for topic in (TOPICS.by_sender, TOPICS.by_domain):
        assert [event_id for _, event_id, _ in hits(read(broker, topic))] == expected


def test_a_batch_is_acked_at_once_and_settled_when_the_broker_has_everything(broker: EmbeddedBroker) -> None:
    async def work() -> None:
        async with scoring(broker, {"linger.ms": 300}) as scored:
            batch = batch_of([mail(1, "a@army.ml"), b"no mail"], first=40)
            await scored.step(batch)
            assert batch.acked
            assert not batch.settled
            assert batch.pending is not None
            assert (batch.pending.sent, batch.pending.done) == (3, 0)
            await batch.pending.wait()
            assert batch.settled
            assert len(read(broker, TOPICS.by_domain)) == len(read(broker, DEAD_LETTERS)) == 1

    run(work)


def test_a_batch_without_hits_is_settled_at_once(broker: EmbeddedBroker) -> None:
    async def work() -> None:
        async with scoring(broker) as scored:
            batch = batch_of([mail(1, "a@army.mil")])
            await scored.step(batch)
            assert batch.settled

    run(work)


def test_what_cannot_be_read_becomes_a_dead_letter_and_the_rest_is_scored(broker: EmbeddedBroker) -> None:
    ahead = mail(4, "a@army.ml", age_ms=-HOUR_MS)

    async def work() -> None:
        async with scoring(broker) as scored:
            batch = batch_of([None, mail(2, "a@army.ml"), b"\xff", ahead], first=70, partition=5, key=b"jo")
            await scored.step(batch)
            assert batch.pending is not None
            await batch.pending.wait()
            assert scored.sample("events_total", outcome="unreadable") == 3
            for reason in ("empty", "not-utf8", "time-in-future"):
                assert scored.sample("dead_letters_total", reason=reason) == 1

    run(work)
    letters = [decode_dead_letter(record.key, record.value, record.headers) for record in read(broker, DEAD_LETTERS)]
    assert [(letter.topic, letter.partition, letter.offset, letter.time_ms, letter.reason) for letter in letters] == [
        ("mail.events", 5, 70, 70, "empty"),
        ("mail.events", 5, 72, 72, "not-utf8"),
        ("mail.events", 5, 73, 73, "time-in-future"),
    ]
    assert [letter.value for letter in letters] == [None, b"\xff", ahead]
    assert {letter.key for letter in letters} == {PRIVACY.digest("jo")}
    assert [hit for _, *hit in hits(read(broker, TOPICS.by_sender))] == [["e2", "army.ml"]]


def test_the_progress_of_the_partition_is_known_when_the_step_is_done(broker: EmbeddedBroker) -> None:
    newest = mail(1, "a@army.mil", age_ms=1_000)

    async def work() -> None:
        async with scoring(broker) as scored:
            await scored.step(batch_of([newest, mail(2, "a@army.mil", age_ms=HOUR_MS), b"{"], first=10, partition=5))
            assert scored.progress.newest_ms == {5: json.loads(newest)["time"]}
            await scored.step(batch_of([b"{"], first=13, partition=5))
            assert scored.progress.newest_ms == {5: json.loads(newest)["time"]}

    run(work)


def test_bounces_and_the_mail_of_others_are_counted_and_not_scored(broker: EmbeddedBroker) -> None:
    async def work() -> None:
        async with scoring(broker, own=("mod.example",)) as scored:
            await scored.step(
                batch_of(
                    [
                        mail(1, "a@army.ml", sender=""),
                        mail(2, "a@army.ml", sender="x@elsewhere.example"),
                        mail(3, "a@army.ml", direction="inbound"),
                        mail(4, "a@army.mil"),
                    ]
                )
            )
            outcomes = ("scored", "bounce", "not-ours", "unreadable")
            assert [scored.sample("events_total", outcome=outcome) for outcome in outcomes] == [1, 1, 2, 0]
            assert scored.sample("domains_scored_total", cache="miss") == 1

    run(work)
    assert read(broker, TOPICS.by_sender) == read(broker, TOPICS.by_domain) == []


def test_what_mail_teaches_is_sent_under_its_partition_before_the_batch_may_be_committed(
    broker: EmbeddedBroker,
) -> None:
    memory = Memory(MemoryDigests(b"secret"), LearningPolicy())
    yesterday: dict[str, Any] = {"delivery": "delivered", "age_ms": DAY_MS}
    mails = [
        mail(1, "a.one@army.mil", **yesterday),
        mail(2, "a.one@army.mil", **yesterday),
        mail(3, "jo@mod.example", sender="b.two@army.mil", **yesterday),
        mail(4, "c.three@army.mil", age_ms=DAY_MS),  # nobody knows whether it was delivered
        mail(5, "a.one@army.ml"),
        mail(6, "d.four@army.ml"),
    ]

    async def work() -> None:
        async with scoring(broker, own=("mod.example",), memory=memory) as scored:
            batch = batch_of(mails, partition=6)
            await scored.step(batch)
            assert batch.pending is not None
            assert batch.pending.sent == 3 + 4
            await batch.pending.wait()
            assert scored.sample("memory_learned_total", kind="person") == 2
            assert scored.sample("memory_asked_total", known_to="sender") == 1
            assert scored.sample("memory_asked_total", known_to="nobody") == 1

    run(work)
    today = clock.now_ms() // DAY_MS
    sent = [decode(record.key, record.value, today=today) for record in read(broker, CORRESPONDENTS)]
    assert {(each.partition, each.record.kind, each.record.digest) for each in sent} == {
        (6, MemoryKind.PERSON, memory.digests.person("a.one", "army.mil")),
        (6, MemoryKind.PERSON, memory.digests.person("b.two", "army.mil")),
        (6, MemoryKind.CORRESPONDENT, memory.digests.domain("")),  # the days with mail
    }


def test_a_batch_of_received_mail_alone_is_measured(broker: EmbeddedBroker) -> None:
    """Its senders are scored, and are no recipients that were looked up."""
    memory = Memory(MemoryDigests(b"key"), LearningPolicy())
    received = [mail(number, "jo@mod.example", sender=f"a@new{number}.example") for number in range(3)]

    async def work() -> None:
        async with scoring(broker, own=("mod.example",), memory=memory) as scored:
            await scored.step(batch_of(received))
            sample = scored.sample
            assert (sample("domains_scored_total", cache="miss"), sample("domains_scored_total", cache="hit")) == (0, 0)
            assert (sample("score_seconds_count"), sample("events_total", outcome="not-ours")) == (3, 3)

    run(work)


def test_a_batch_is_measured(broker: EmbeddedBroker) -> None:
    first = mail(1, "a@army.ml", "b@army.ml", "c@army.mil", age_ms=2_000, source="postfix")

    async def work() -> None:
        async with scoring(broker) as scored:
            await scored.step(batch_of([first, mail(2, "c@navy.ml", age_ms=9_000, source="made up")]))
            await scored.step(batch_of([mail(3, "a@army.ml", age_ms=HOUR_MS, source="postfix")]))
            sample = scored.sample
            assert sample("typo_hits_total", slip="suffix-omission") == 3
            assert (sample("domains_scored_total", cache="miss"), sample("domains_scored_total", cache="hit")) == (3, 2)
            assert sample("score_seconds_count") == 3
            assert (sample("batch_events_count", step="score"), sample("batch_events_sum", step="score")) == (2, 3)
            assert sample("batch_seconds_count", step="score") == 2
            assert sample("last_event_timestamp_seconds", source="postfix") == json.loads(first)["time"] / 1000
            assert sample("last_event_timestamp_seconds", source="other") is not None
            assert sample("event_age_seconds_count") == 2
            assert HOUR_MS / 1000 + 2 <= (sample("event_age_seconds_sum") or 0) < HOUR_MS / 1000 + 60

    run(work)


@pytest.mark.parametrize(("history", "outcome"), [(True, "scored"), (False, "unreadable")])
def test_history_is_read_without_a_look_at_the_clock(broker: EmbeddedBroker, history: bool, outcome: str) -> None:
    async def work() -> None:
        async with scoring(broker, history=history) as scored:
            await scored.step(batch_of([mail(1, "a@army.mil", age_ms=-24 * HOUR_MS)]))
            assert scored.sample("events_total", outcome=outcome) == 1

    run(work)


def test_a_record_that_the_producer_cannot_take_fails_the_step_and_nothing_is_acked(broker: EmbeddedBroker) -> None:
    recipients = [f"somebody.with.a.long.name.{number}@army.ml" for number in range(100)]

    async def work() -> None:
        async with scoring(broker, {"message.max.bytes": 1_000}) as scored:
            batch = batch_of([mail(1, *recipients)])
            with pytest.raises(BrokerError, match=r"can't send to topic mail\.typo-hits"):
                await scored.step(batch)
            assert not batch.acked
            assert scored.progress.newest_ms == {}

    run(work)


def test_a_batch_whose_hits_the_broker_refuses_is_never_settled(broker: EmbeddedBroker) -> None:
    async def work() -> None:
        async with scoring(broker) as scored:
            refuse_records(broker)
            batch = batch_of([mail(1, "a@army.ml")])
            await scored.step(batch)
            assert batch.pending is not None
            with pytest.raises(BrokerError, match="nothing that depends on it was committed"):
                await batch.pending.wait()
            assert not batch.settled

    run(work)


@pytest.mark.parametrize("silent", [False, True])
def test_hits_carry_what_dns_says_as_far_as_it_is_known_in_time(
    broker: EmbeddedBroker, name_server: NameServer, silent: bool
) -> None:
    """A resolver that doesn't answer keeps a batch waiting for 0.3 s, and takes nothing from its hits."""

    async def work(server: str) -> None:
        lookup = Lookup(DnsSettings(enabled=True, servers=(server,)))
        async with scoring(broker, ask_dns=lookup.facts) as scored:
            batch = batch_of([mail(1, "a@army.ml"), mail(2, "b@mail.army.ml", "c@army.mil")])
            begin = clock.monotonic()
            await scored.step(batch)
            assert clock.monotonic() - begin < 10 * WAIT_S
            assert batch.pending is not None
            await batch.pending.wait()
            await lookup.close()
            counts[:] = [scored.sample("dns_facts_total", facts=facts) for facts in ("known", "unknown")]

    counts: list[float | None] = []
    with responder(lambda _: None) as nobody:
        run(partial(work, nobody if silent else name_server.address))
    found = {hit.domain: hit.dns for record in read(broker, TOPICS.by_domain) for hit in typo_hits(record)}
    if silent:
        assert found == {"army.ml": None, "mail.army.ml": None}
        assert counts == [0, 2]
    else:
        assert {domain: facts and facts.route for domain, facts in found.items()} == {
            "army.ml": "mx",
            "mail.army.ml": "absent",
        }
        assert counts == [2, 0]


def typo_hits(record: KafkaRecord) -> list[TypoHit]:
    decoded = decode_hit_or_tick(record.value)
    return [decoded] if isinstance(decoded, TypoHit) else []
