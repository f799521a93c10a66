"""What librdkafka reports, told in our words. No confluent-kafka exception leaves streams.kafka.

A call that fails for lack of a connection only says "timed out"; why, librdkafka tells beside it, through `error_cb`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from confluent_kafka import KafkaError, KafkaException

from streams.errors import BrokerError, ConfigurationError, StraymailError
from streams.kafka.security import librdkafka_config
from streams.kafka.settings import KafkaSettings

REFUSED_LOGIN = frozenset(
    {KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED, KafkaError.UNSUPPORTED_SASL_MECHANISM}
)
NO_TLS = frozenset({KafkaError._SSL})
HANGS_UP = frozenset({KafkaError._ALL_BROKERS_DOWN})
"""Alone it means that brokers took the connection and closed it: otherwise librdkafka says more."""
NO_CONNECTION = frozenset(
    {
        KafkaError._TRANSPORT,
        KafkaError._TIMED_OUT,
        KafkaError._RESOLVE,
        KafkaError.REQUEST_TIMED_OUT,
        KafkaError.BROKER_NOT_AVAILABLE,
    }
)
NO_RIGHT = frozenset(
    {
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
        KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    }
)
NO_TOPIC = frozenset({KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC, KafkaError._UNKNOWN_PARTITION})
NO_COPIES = frozenset({KafkaError.INVALID_REPLICATION_FACTOR})
BAD_SETTING = frozenset({KafkaError._INVALID_ARG})

SENTENCES: tuple[tuple[frozenset[int], str], ...] = (
    (
        REFUSED_LOGIN,
        "Kafka at {brokers} refused the login ({said}): check security.username, its password and security.mechanism",
    ),
    (
        NO_TLS,
        "no trusted TLS connection to Kafka at {brokers} ({said}): check security.protocol, security.ca_file and, "
        "where brokers ask for a certificate, security.cert_file",
    ),
    (
        NO_CONNECTION,
        "no Kafka broker answers at {brokers} ({said}): start it, or set STRAYMAIL_BROKERS and security.protocol to "
        "what it has",
    ),
    (HANGS_UP, "Kafka at {brokers} closes every connection: set security.protocol to what its listener wants"),
    (NO_RIGHT, "Kafka at {brokers} doesn't allow it ({said}): give our user the right (an ACL)"),
    (NO_TOPIC, "there is no such topic or partition at {brokers}: run `straymail topics create`"),
    (NO_COPIES, "Kafka at {brokers} refuses ({said}): change topics.replication_factor"),
    (BAD_SETTING, "Kafka's client refuses its settings ({said})"),
)
"""What each kind of error means to a user; what is in none of them is told in Kafka's own words."""


SILENT = logging.Logger("librdkafka", logging.CRITICAL + 1)


class Reasons:
    """An `error_cb` that keeps the most telling of all that went wrong with the connections."""

    def __init__(self) -> None:
        self.best: KafkaError | None = None

    def __call__(self, error: KafkaError) -> None:
        if self.best is None or _rank(error) > _rank(self.best):
            self.best = error


def _rank(error: KafkaError) -> int:
    code = error.code()
    if code in REFUSED_LOGIN:
        return 3
    if _is_of_tls(error):
        return 2
    return 0 if code in HANGS_UP else 1


def _is_of_tls(error: KafkaError) -> bool:
    """A broker that refuses a certificate closes the connection, which librdkafka doesn't count among TLS's errors."""
    return error.code() in NO_TLS or (error.code() in NO_CONNECTION and "SSL" in error.str())


def quiet_config(settings: KafkaSettings, reasons: Reasons) -> dict[str, Any]:
    """For the client of a command: writes no log of its own, tries again quickly, tells `reasons` why it can't."""
    return {
        **librdkafka_config(settings),
        "error_cb": reasons,
        "log_level": 0,
        "logger": SILENT,  # at level 0 a fatal error is still written to stderr
        "reconnect.backoff.max.ms": 500,
    }


@contextmanager
def told(
    doing: str, brokers: str, reasons: Reasons | None = None, poll: Callable[[float], object] | None = None
) -> Iterator[None]:
    """Turn what librdkafka raises inside into one sentence; `doing` says what was tried ("create topics").

    `poll` is the client's: it hands over to `reasons` what has come meanwhile.
    """
    try:
        yield
    except KafkaException as error:
        if poll is not None:
            poll(0)
        raise failure(error.args[0], doing, brokers, reasons) from error


def failure(error: KafkaError, doing: str, brokers: str, reasons: Reasons | None = None) -> StraymailError:
    """The error to raise for `error`: what, where, what to do."""
    cause, said = error, _plain(error.str())
    if error.code() in NO_CONNECTION and reasons is not None:
        if reasons.best is None:
            return BrokerError(f"can't {doing}: Kafka at {brokers} didn't do it in time ({said}): try again")
        cause, said = reasons.best, _plain(reasons.best.str())
    code = KafkaError._SSL if _is_of_tls(cause) else cause.code()
    sentence = next((text for codes, text in SENTENCES if code in codes), "Kafka at {brokers} says: {said}")
    kind = ConfigurationError if code in BAD_SETTING else BrokerError
    return kind(f"can't {doing}: {sentence.format(brokers=brokers, said=said)}")


def _plain(text: str) -> str:
    """Without librdkafka's own names of connections and its timings, on one line."""
    text = re.sub(r"^\S+/(bootstrap|\d+): ", "", " ".join(text.split()))
    return re.sub(r" \(after [^)]*\)", "", text).rstrip(".: ")
