"""Bulk fetches from real brokers: order, gaps, and the positions that reveal a lost batch."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from streams.errors import BrokerError, BrokerUnreachable
from streams.kafka.dataplane.fetcher import Fetched, Fetcher, OffsetGap
from streams.kafka.embedded import EmbeddedBroker
from streams.kafka.partition import Partition
from tests.broker.apache import ApacheKafka
from tests.broker.contract import Broker, produce
from tests.broker.faults import refuse_offsets

SECONDS = 20


@pytest.fixture
def reader(broker: Broker) -> Iterator[Fetcher]:
    reader = Fetcher({"bootstrap.servers": broker.bootstrap, "log_level": 0})
    yield reader
    reader.close()


def fetch(reader: Fetcher, wanted: int) -> tuple[list[Fetched], list[OffsetGap]]:
    """Fetch until `wanted` records have arrived."""
    fetched: list[Fetched] = []
    gaps: list[OffsetGap] = []
    end = time.monotonic() + SECONDS
    while sum(len(f.records) for f in fetched) < wanted and time.monotonic() < end:
        more, met = reader.fetch(0.2)
        fetched += more
        gaps += met
    return fetched, gaps


def test_records_arrive_in_order_and_positions_are_consecutive(broker: Broker, reader: Fetcher, prefix: str) -> None:
    topic = f"{prefix}in"
    broker.create_topics({topic: 2})
    for partition in range(2):
        produce(broker, topic, (b"%d" % n for n in range(5_000)), partition=partition)
    reader.assign({Partition(topic, 0): 1_000, Partition(topic, 1): 0})
    fetched, gaps = fetch(reader, 9_000)
    assert gaps == []
    for read, start in ((Partition(topic, 0), 1_000), (Partition(topic, 1), 0)):
        of_partition = [f for f in fetched if f.partition == read]
        assert [m.offset() for f in of_partition for m in f.records] == list(range(start, 5_000))
        assert [f.position for f in of_partition] == [start, *(f.records[-1].offset() + 1 for f in of_partition[:-1])]
        assert reader.high(read) == 5_000
        assert reader.watermarks(read, 10) == (0, 5_000)


def test_a_new_client_goes_on_where_one_that_lost_all_brokers_stopped(
    broker: Broker, reader: Fetcher, prefix: str
) -> None:
    topic = f"{prefix}in"
    broker.create_topics({topic: 2})
    reader.assign({Partition(topic, 0): 0, Partition(topic, 1): 0})
    read: list[tuple[int, bytes | None]] = []
    for round_ in range(3):
        for partition in range(2):
            produce(broker, topic, (b"%d" % (10 * round_ + n) for n in range(10)), partition=partition)
        fetched, gaps = fetch(reader, 20)
        assert gaps == []
        read += [(f.partition.partition, m.value()) for f in fetched for m in f.records]
        reader._lost_brokers.found = True
    for partition in range(2):
        assert [value for of, value in read if of == partition] == [b"%d" % n for n in range(30)]


def fetch_end(reader: Fetcher) -> list[Fetched]:
    """Fetch until the end of a partition is reached."""
    fetched: list[Fetched] = []
    limit = time.monotonic() + SECONDS
    while not any(f.end is not None for f in fetched) and time.monotonic() < limit:
        fetched += reader.fetch(0.2)[0]
    return fetched


def test_the_number_of_partitions_is_the_brokers(broker: Broker, reader: Fetcher, prefix: str) -> None:
    broker.create_topics({f"{prefix}in": 3})
    assert reader.partition_count(f"{prefix}in", SECONDS) == 3


def test_the_end_is_reported_each_time_that_it_is_reached(broker: Broker, reader: Fetcher, prefix: str) -> None:
    topic = f"{prefix}in"
    broker.create_topics({topic: 1})
    reader.assign({Partition(topic, 0): 0})
    assert fetch_end(reader) == [Fetched(Partition(topic, 0), 0, (), 0)], "the end of an empty partition"
    for size in (3, 5):
        produce(broker, topic, [b"x"] * (size - reader._next[Partition(topic, 0)]))
        fetched = fetch_end(reader)
        assert [f.position for f in fetched] == sorted(f.position for f in fetched)
        assert fetched[-1].end == size


@pytest.mark.parametrize("aborted", [False, True])
def test_the_end_is_beyond_the_control_records_of_transactions(
    apache_kafka: ApacheKafka, prefix: str, *, aborted: bool
) -> None:
    topic = f"{prefix}in"
    apache_kafka.create_topics({topic: 1})
    producer = Producer({"bootstrap.servers": apache_kafka.bootstrap, "transactional.id": topic})
    producer.init_transactions(SECONDS)
    for number in range(2):
        producer.begin_transaction()
        producer.produce(topic, b"%d" % number)
        producer.flush(SECONDS)
        (producer.abort_transaction if number and aborted else producer.commit_transaction)(SECONDS)
    reader = Fetcher({"bootstrap.servers": apache_kafka.bootstrap, "log_level": 0})
    reader.assign({Partition(topic, 0): 0})
    fetched = fetch_end(reader)
    reader.close()
    assert [m.value() for f in fetched for m in f.records] == [b"0"] + [b"1"] * (not aborted)
    assert fetched[-1].end == 4, "two records and two control records"


def test_the_end_of_a_partition_whose_records_are_deleted(apache_kafka: ApacheKafka, prefix: str) -> None:
    topic = f"{prefix}in"
    apache_kafka.create_topics({topic: 1})
    produce(apache_kafka, topic, (b"%d" % n for n in range(10)))
    admin = AdminClient({"bootstrap.servers": apache_kafka.bootstrap})
    admin.delete_records([TopicPartition(topic, 0, 10)])[TopicPartition(topic, 0)].result(timeout=20)
    reader = Fetcher({"bootstrap.servers": apache_kafka.bootstrap, "log_level": 0})
    reader.assign({Partition(topic, 0): 4})
    fetched = fetch_end(reader)
    reader.close()
    assert fetched == [Fetched(Partition(topic, 0), 4, (), 10)]


@pytest.mark.parametrize("records", [0, 3])
def test_the_end_of_a_partition_whose_end_fell(apache_kafka: ApacheKafka, prefix: str, records: int) -> None:
    """As after it was created again: reading goes on from its start, and the first position shows no lost batch."""
    topic = f"{prefix}in"
    apache_kafka.create_topics({topic: 1})
    produce(apache_kafka, topic, [b"x"] * records)
    reader = Fetcher({"bootstrap.servers": apache_kafka.bootstrap, "log_level": 0})
    reader.assign({Partition(topic, 0): 1_000})
    fetched = fetch_end(reader)
    reader.close()
    assert fetched[0].position == 1_000
    assert sum(len(f.records) for f in fetched) == records
    assert fetched[-1].end == records


def test_a_single_record_does_not_wait_for_others(broker: Broker, reader: Fetcher, prefix: str) -> None:
    topic = f"{prefix}in"
    broker.create_topics({topic: 1})
    produce(broker, topic, [b"alone"])
    reader.assign({Partition(topic, 0): 0})
    begin = time.monotonic()
    fetched, _ = reader.fetch(60)
    assert [record.value() for one in fetched for record in one.records] == [b"alone"]
    assert time.monotonic() - begin < 30


def test_a_new_topic_is_read_without_librdkafkas_wait_of_a_second(apache_kafka: ApacheKafka, prefix: str) -> None:
    reader = Fetcher({"bootstrap.servers": apache_kafka.bootstrap, "log_level": 0})
    topics = [f"{prefix}{number}" for number in range(4)]
    for topic in topics:
        apache_kafka.create_topics({topic: 1})
        produce(apache_kafka, topic, [b"first"])
    took = []
    for number, topic in enumerate(topics):
        begin = time.monotonic()
        reader.assign({Partition(known, 0): int(known != topic) for known in topics[: number + 1]})
        fetch(reader, 1)
        took.append(time.monotonic() - begin)
    reader.close()
    assert min(took[1:]) < 0.5, took  # the shortest, since the machine may be busy


def test_a_new_assignment_drops_fetched_records(broker: Broker, reader: Fetcher, prefix: str) -> None:
    topic = f"{prefix}in"
    broker.create_topics({topic: 1})
    produce(broker, topic, (b"%d" % n for n in range(3_000)))
    reader.assign({Partition(topic, 0): 0})
    fetch(reader, 1)
    reader.assign({Partition(topic, 0): 2_990})
    fetched, _ = fetch(reader, 10)
    assert fetched[0].position == 2_990
    assert [m.value() for f in fetched for m in f.records] == [b"%d" % n for n in range(2_990, 3_000)]


def test_a_hole_left_by_retention_is_reported_and_skipped(apache_kafka: ApacheKafka, prefix: str) -> None:
    topic = f"{prefix}in"
    apache_kafka.create_topics({topic: 1})
    produce(apache_kafka, topic, (b"%d" % n for n in range(100)))
    admin = AdminClient({"bootstrap.servers": apache_kafka.bootstrap})
    admin.delete_records([TopicPartition(topic, 0, 60)])[TopicPartition(topic, 0)].result(timeout=20)
    reader = Fetcher({"bootstrap.servers": apache_kafka.bootstrap, "log_level": 0})
    reader.assign({Partition(topic, 0): 10})
    fetched, gaps = fetch(reader, 40)
    reader.close()
    assert gaps == [OffsetGap(Partition(topic, 0), 10, 60)]
    assert fetched[0].position == 10, "a gap is no lost batch"
    assert [m.offset() for f in fetched for m in f.records] == list(range(60, 100))


def test_large_records_are_fetched_a_few_at_a_time(broker: Broker, reader: Fetcher, prefix: str) -> None:
    topic = f"{prefix}in"
    broker.create_topics({topic: 1})
    produce(broker, topic, (bytes(900_000) for _ in range(5)))
    reader.assign({Partition(topic, 0): 0})
    fetched, _ = fetch(reader, 5)
    assert sum(len(f.records) for f in fetched) == 5
    assert reader._count < 50


def test_a_closed_fetcher_raises_a_broker_error(broker: Broker) -> None:
    reader = Fetcher({"bootstrap.servers": broker.bootstrap, "log_level": 0})
    reader.close()
    with pytest.raises(BrokerError, match="reading from Kafka failed"):
        reader.fetch(0.1)


def test_a_closed_fetcher_has_no_offsets(embedded_broker: Broker) -> None:
    """During a stop, gauges and ticks may still request them."""
    reader = Fetcher({"bootstrap.servers": embedded_broker.bootstrap, "log_level": 0})
    reader.close()
    assert reader.high(Partition("in", 0)) is None
    with pytest.raises(BrokerError, match="topic in, partition 0: the request for its offsets failed"):
        reader.watermarks(Partition("in", 0), timeout=1)
    with pytest.raises(BrokerError, match="topic in: the request for its partitions failed"):
        reader.partition_count("in", timeout=1)


def test_a_leader_that_moves_is_there_later_and_a_missing_partition_is_not(
    embedded_broker: EmbeddedBroker, prefix: str
) -> None:
    topic = f"{prefix}in"
    embedded_broker.create_topics({topic: 1})
    reader = Fetcher({"bootstrap.servers": embedded_broker.bootstrap, "log_level": 0})
    with pytest.raises(BrokerError, match="Unknown partition") as refused:
        reader.watermarks(Partition(topic, 1), timeout=30)  # answered at once, once it is connected
    assert not isinstance(refused.value, BrokerUnreachable)
    refuse_offsets(embedded_broker, 100)
    with pytest.raises(BrokerUnreachable, match="partition 0: the request for its offsets failed"):
        reader.watermarks(Partition(topic, 0), timeout=0.2)
    reader.close()
