"""Faults of the embedded broker: librdkafka's mock cluster refuses requests on demand."""

from __future__ import annotations

import ctypes

from confluent_kafka import KafkaError

from streams.kafka.embedded import EmbeddedBroker

PRODUCE, LIST_OFFSETS = 0, 2
"""Kafka's numbers of the requests that store records and that ask for offsets."""


def refuse(broker: EmbeddedBroker, request: int, error: int, times: int) -> None:
    """Answer so many of the next requests of this kind with this error of Kafka's."""
    push = broker._library.rd_kafka_mock_push_request_errors_array
    push.restype = None
    push.argtypes = [ctypes.c_void_p, ctypes.c_int16, ctypes.c_size_t, ctypes.POINTER(ctypes.c_int)]
    push(broker._running(), request, times, (ctypes.c_int * times)(*[error] * times))


def refuse_records(broker: EmbeddedBroker, times: int = 20) -> None:
    """Refuse records for good: the user may not write to the topic."""
    refuse(broker, PRODUCE, KafkaError.TOPIC_AUTHORIZATION_FAILED, times)


def take_no_records(broker: EmbeddedBroker, times: int = 1_000) -> None:
    """Take no records for a while, as with too few replicas: the producer tries again and again."""
    refuse(broker, PRODUCE, KafkaError.NOT_ENOUGH_REPLICAS, times)


def take_leader(broker: EmbeddedBroker, topic: str, partition: int) -> None:
    """Leave a partition without a leader."""
    set_leader = broker._library.rd_kafka_mock_partition_set_leader
    set_leader.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int32, ctypes.c_int32]
    assert set_leader(broker._running(), topic.encode(), partition, -1) == 0


def refuse_offsets(broker: EmbeddedBroker, times: int) -> None:
    """Refuse to tell offsets, as of a partition whose leader moves."""
    refuse(broker, LIST_OFFSETS, KafkaError.NOT_LEADER_FOR_PARTITION, times)
