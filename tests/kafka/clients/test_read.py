"""The reader, on the embedded broker and on the real one."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event, Thread

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from streams.errors import BrokerError
from streams.kafka.clients.consumer import PlainConsumer, Since, Start
from streams.kafka.clients.read import KafkaRecord, follow, read_keyed_to_end, read_to_end
from streams.kafka.embedded import EmbeddedBroker
from streams.kafka.settings import KafkaSettings
from tests.broker.apache import ApacheKafka
from tests.broker.contract import Broker, produce
from tests.broker.faults import refuse_offsets


@pytest.fixture
def topic(broker: Broker, prefix: str) -> str:
    """A topic with 3 partitions: 0 has 0..9, 1 has 10..14, 2 has none."""
    name = f"{prefix}read"
    broker.create_topics({name: 3})
    produce(broker, name, [b"%d" % number for number in range(10)], partition=0)
    produce(broker, name, [b"%d" % number for number in range(10, 15)], partition=1)
    return name


def numbers(records: Iterator[KafkaRecord]) -> list[int]:
    return sorted(int(record.value or b"-1") for record in records)


def test_reads_each_partition_in_order_up_to_its_end(settings: KafkaSettings, topic: str) -> None:
    records = list(read_to_end(settings, topic))
    assert sorted(int(record.value or b"-1") for record in records) == list(range(15))
    for partition, count in ((0, 10), (1, 5)):
        assert [record.offset for record in records if record.partition == partition] == list(range(count))
    assert {record.topic for record in records} == {topic}


@pytest.mark.parametrize(
    ("partitions", "start", "expected"),
    [
        ([0], "beginning", range(10)),
        ([1, 1], "beginning", range(10, 15)),
        ([2], "beginning", range(0)),
        ([], "beginning", range(0)),
        (None, "end", range(0)),
        (None, {0: 8, 1: 2}, [8, 9, 12, 13, 14]),
        (None, {0: 10}, range(10, 15)),
        (None, {0: 99, 1: -5}, range(10, 15)),
    ],
)
def test_reads_the_given_partitions_from_the_given_start(
    settings: KafkaSettings, topic: str, partitions: list[int] | None, start: Start, expected: range | list[int]
) -> None:
    found = read_to_end(settings, topic, partitions=partitions, start=start)
    assert numbers(found) == list(expected)


def test_reads_keys_and_values_of_one_partition(settings: KafkaSettings, broker: Broker, topic: str) -> None:
    producer = Producer({"bootstrap.servers": broker.bootstrap, "log_level": 0})
    for key, value in ((b"a", b"1"), (None, b"2"), (b"b", None)):
        producer.produce(topic, value, key, partition=2)
    producer.produce(topic, b"3", b"c", partition=1)
    assert producer.flush(30) == 0
    assert list(read_keyed_to_end(settings, topic, 2)) == [(b"a", b"1"), (b"b", None)]


@pytest.mark.parametrize(("since_ms", "expected"), [(0, 5), (3_000, 2), (3_001, 1), (4_001, 0)])
def test_reads_from_a_time_on(apache_kafka: ApacheKafka, prefix: str, since_ms: int, expected: int) -> None:
    name = f"{prefix}times"
    apache_kafka.create_topics({name: 2})
    producer = Producer({"bootstrap.servers": apache_kafka.bootstrap, "log_level": 0})
    for time_ms in range(0, 5_000, 1_000):
        producer.produce(name, b"", timestamp=time_ms or 1, partition=1)
    assert producer.flush(30) == 0
    settings = KafkaSettings(brokers=apache_kafka.bootstrap)
    assert len(list(read_to_end(settings, name, start=Since(since_ms)))) == expected


def test_a_record_has_all_its_fields(broker: Broker, settings: KafkaSettings, prefix: str) -> None:
    name = f"{prefix}whole"
    broker.create_topics({name: 1})
    producer = Producer({"bootstrap.servers": broker.bootstrap, "log_level": 0})
    producer.produce(name, b"value", b"key", headers=[("reason", b"why"), ("none", None)], timestamp=1_700_000_000_123)
    producer.produce(name, None, b"key")
    assert producer.flush(30) == 0
    first, tombstone = read_to_end(settings, name)
    assert first == KafkaRecord(name, 0, 0, 1_700_000_000_123, b"key", b"value", (("reason", b"why"), ("none", None)))
    assert (tombstone.key, tombstone.value, tombstone.headers) == (b"key", None, ())


def test_records_after_the_end_are_not_read(broker: Broker, settings: KafkaSettings, topic: str) -> None:
    records = read_to_end(settings, topic, partitions=[0])
    first = next(records)
    produce(broker, topic, [b"99"], partition=0)
    assert numbers(iter([first, *records])) == list(range(10))


def test_follow_reads_new_records_until_it_is_stopped(broker: Broker, settings: KafkaSettings, topic: str) -> None:
    stop, received = Event(), list[int]()

    def read() -> None:
        for record in follow(settings, topic, start={0: 9, 1: 5}, stop=stop):
            received.append(int(record.value or b"-1"))
            if len(received) == 3:  # which partition comes first is up to Kafka
                stop.set()

    reader = Thread(target=read)
    reader.start()
    produce(broker, topic, [b"20", b"21"], partition=2)
    reader.join(timeout=30)
    assert not reader.is_alive()
    assert sorted(received) == [9, 20, 21]


def test_follow_can_be_closed_at_any_record(settings: KafkaSettings, topic: str) -> None:
    records = follow(settings, topic, start="beginning", partitions=[0])
    assert [next(records).offset for _ in range(3)] == [0, 1, 2]
    records.close()  # type: ignore[attr-defined]
    with pytest.raises(StopIteration):
        next(records)


def test_a_missing_topic_is_reported(settings: KafkaSettings, prefix: str) -> None:
    with pytest.raises(BrokerError, match=rf"can't read {prefix}nothing: there is no such topic .*topics create"):
        list(read_to_end(settings, f"{prefix}nothing"))


def test_a_missing_partition_is_reported(settings: KafkaSettings, topic: str) -> None:
    with pytest.raises(BrokerError, match=r"can't read .*no such topic or partition"):
        list(read_to_end(settings, topic, partitions=[7]))


def test_aborted_records_and_markers_at_the_end_are_skipped(apache_kafka: ApacheKafka, prefix: str) -> None:
    name = f"{prefix}transactions"
    apache_kafka.create_topics({name: 1})
    producer = Producer({"bootstrap.servers": apache_kafka.bootstrap, "transactional.id": name, "log_level": 0})
    producer.init_transactions(30)
    for value, commit in ((b"kept", True), (b"aborted", False)):
        producer.begin_transaction()
        producer.produce(name, value)
        producer.flush(30)
        if commit:
            producer.commit_transaction(30)
        else:
            producer.abort_transaction(30)
    settings = KafkaSettings(brokers=apache_kafka.bootstrap)
    assert [record.value for record in read_to_end(settings, name)] == [b"kept"]


def test_records_deleted_by_retention_are_skipped(apache_kafka: ApacheKafka, prefix: str) -> None:
    name = f"{prefix}cut"
    apache_kafka.create_topics({name: 1})
    produce(apache_kafka, name, [b"%d" % number for number in range(10)])
    admin = AdminClient({"bootstrap.servers": apache_kafka.bootstrap, "log_level": 0})
    for future in admin.delete_records([TopicPartition(name, 0, 6)]).values():
        future.result(30)
    settings = KafkaSettings(brokers=apache_kafka.bootstrap)
    assert numbers(read_to_end(settings, name, start={0: 2})) == [6, 7, 8, 9]


def test_a_partition_that_never_gets_a_leader_is_reported(embedded_broker: EmbeddedBroker, prefix: str) -> None:
    name = f"{prefix}new"
    embedded_broker.create_topics({name: 1})
    refuse_offsets(embedded_broker, 10_000)
    with pytest.raises(BrokerError, match="Not leader for partition"):
        list(read_to_end(KafkaSettings(brokers=embedded_broker.bootstrap), name, silence_s=1))


def poll_for_ever(reader: PlainConsumer) -> None:
    while True:
        assert reader.poll() == []


@pytest.fixture
def mortal_kafka(kafka_jars: None) -> Iterator[ApacheKafka]:
    """A broker that the test may stop."""
    with ApacheKafka() as kafka:
        yield kafka


def test_reading_fails_and_following_waits_while_the_broker_is_unreachable(mortal_kafka: ApacheKafka) -> None:
    mortal_kafka.create_topics({"away": 1})
    produce(mortal_kafka, "away", [b"first"])
    settings = KafkaSettings(brokers=mortal_kafka.bootstrap)
    followed = follow(settings, "away", start="beginning")
    assert next(followed).value == b"first"
    with PlainConsumer(settings, "away", silence_s=2) as reader:
        assert reader.watermarks(0) == (0, 1)
        mortal_kafka.stop()
        reader.assign({0: 0})
        with pytest.raises(BrokerError, match=r"can't read away: no Kafka broker answers"):
            poll_for_ever(reader)

    mortal_kafka.start()
    produce(mortal_kafka, "away", [b"second"])
    assert next(followed).value == b"second"


def test_an_unreachable_broker_is_reported() -> None:
    with pytest.raises(BrokerError, match=r"no Kafka broker answers at 127\.0\.0\.1:1 .*Connection refused"):
        list(read_to_end(KafkaSettings(brokers="127.0.0.1:1"), "any", silence_s=1))
