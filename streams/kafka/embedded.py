"""A Kafka broker inside this process, from the confluent-kafka wheel alone: librdkafka's mock cluster.

It is for the demo and for quick tests. It speaks Kafka's protocol over TCP to clients in any process, in its own
threads, which never hold Python's global interpreter lock. It lacks a disk (a partition keeps about its last 5 MB, in
memory), requests to create topics, to describe their configuration and to find offsets by time (it answers with the end
offset), and commits during a rebalance. Never measure performance on it.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Mapping
from types import TracebackType

from confluent_kafka import cimpl

from streams.errors import BrokerError

PRODUCER = 0
TOPIC_ALREADY_EXISTS = 36
TEXT_BYTES = 512
MAX_PARTITIONS = 1_000
"""Each may grow to 5 MB of memory."""
BETWEEN_CALLS_SECONDS = 0.002


def _librdkafka() -> ctypes.CDLL:
    """The librdkafka of the confluent-kafka wheel: symbols are looked up in the extension module and its libraries."""
    library = ctypes.CDLL(cimpl.__file__)
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    signatures = {
        "rd_kafka_conf_new": (pointer, []),
        "rd_kafka_conf_set": (number, [pointer, text, text, text, ctypes.c_size_t]),
        "rd_kafka_new": (pointer, [number, pointer, text, ctypes.c_size_t]),
        "rd_kafka_destroy": (None, [pointer]),
        "rd_kafka_err2str": (text, [number]),
        "rd_kafka_mock_cluster_new": (pointer, [pointer, number]),
        "rd_kafka_mock_cluster_bootstraps": (text, [pointer]),
        "rd_kafka_mock_cluster_destroy": (None, [pointer]),
        "rd_kafka_mock_topic_create": (number, [pointer, text, number, number]),
    }
    for name, (result, arguments) in signatures.items():
        try:
            function = getattr(library, name)
        except AttributeError as error:
            raise BrokerError(
                f"this confluent-kafka has no {name}, so there is no embedded broker: reinstall confluent-kafka as a "
                "wheel, or use a Kafka of your own (STRAYMAIL_BROKERS)"
            ) from error
        function.restype, function.argtypes = result, arguments
    return library


class EmbeddedBroker:
    """One broker on a free port of 127.0.0.1, from `__enter__` to `__exit__`."""

    def __init__(self) -> None:
        self._library = _librdkafka()
        self._handle: int | None = None
        self._cluster: int | None = None

    @property
    def bootstrap(self) -> str:
        """host:port, for any client."""
        address: bytes = self._library.rd_kafka_mock_cluster_bootstraps(self._running())
        return address.decode()

    def create_topics(self, partitions: Mapping[str, int]) -> None:
        """Create topics, with the number of partitions of each. Raises BrokerError, also for a topic that exists."""
        for name, count in partitions.items():
            if not 1 <= count <= MAX_PARTITIONS:  # librdkafka would end the process
                raise BrokerError(f"can't create topic {name}: 1 to {MAX_PARTITIONS} partitions, not {count}")
            code = self._library.rd_kafka_mock_topic_create(self._running(), name.encode(), count, 1)
            if code == TOPIC_ALREADY_EXISTS:
                raise BrokerError(f"can't create topic {name}: the embedded broker has it already")
            if code != 0:
                reason = self._library.rd_kafka_err2str(code).decode()
                raise BrokerError(f"can't create topic {name} on the embedded broker: {reason}")
            # Its thread forgets the wake-up of a call that follows the one before at once, and looks again in a second.
            time.sleep(BETWEEN_CALLS_SECONDS)

    def __enter__(self) -> EmbeddedBroker:
        self._handle = self._client()
        self._cluster = self._library.rd_kafka_mock_cluster_new(self._handle, 1)
        if not self._cluster:
            self.__exit__(None, None, None)
            raise BrokerError("the embedded broker can't listen on 127.0.0.1: is there a limit on sockets or threads?")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        cluster, handle, self._cluster, self._handle = self._cluster, self._handle, None, None
        if cluster:
            self._library.rd_kafka_mock_cluster_destroy(cluster)
        if handle:
            self._library.rd_kafka_destroy(handle)

    def _client(self) -> int:
        """The librdkafka instance that a mock cluster needs; it connects to nothing and logs nothing."""
        config, reason = self._library.rd_kafka_conf_new(), ctypes.create_string_buffer(TEXT_BYTES)
        self._library.rd_kafka_conf_set(config, b"log_level", b"0", reason, TEXT_BYTES)
        handle: int | None = self._library.rd_kafka_new(PRODUCER, config, reason, TEXT_BYTES)
        if not handle:
            raise BrokerError(f"the embedded broker can't start: {reason.value.decode(errors='replace')}")
        return handle

    def _running(self) -> int:
        if not self._cluster:
            raise RuntimeError("the embedded broker runs only inside its with statement")
        return self._cluster
