"""Faults of the embedded broker: librdkafka's mock cluster refuses what it is told to refuse."""

from __future__ import annotations

import ctypes

from confluent_kafka import KafkaError

from streams.kafka.embedded import EmbeddedBroker

PRODUCE = 0
"""Kafka's number of the request that stores records."""


def refuse_records(broker: EmbeddedBroker, times: int = 20) -> None:
    """So many of the next requests to store records are refused for good: the user may not write to the topic."""
    push = broker._library.rd_kafka_mock_push_request_errors_array
    push.restype = None
    push.argtypes = [ctypes.c_void_p, ctypes.c_int16, ctypes.c_size_t, ctypes.POINTER(ctypes.c_int)]
    push(broker._cluster, PRODUCE, times, (ctypes.c_int * times)(*[KafkaError.TOPIC_AUTHORIZATION_FAILED] * times))
