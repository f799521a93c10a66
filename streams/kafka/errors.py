"""Translation of librdkafka's errors into sentences for users. No confluent-kafka exception leaves streams.kafka.

A call that fails for lack of a connection reports only "timed out"; librdkafka reports the reason separately, through
`error_cb`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from confluent_kafka import KafkaError, KafkaException

from streams.errors import (
    BrokerError,
    BrokerUnreachable,
    ConfigurationError,
    ConnectionsClosed,
    StraymailError,
    TopicMissing,
)
from streams.kafka.security import librdkafka_config
from streams.kafka.settings import KafkaSettings

LOGIN_REFUSED = frozenset(
    {KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED, KafkaError.UNSUPPORTED_SASL_MECHANISM}
)
NO_TLS = frozenset({KafkaError._SSL})
CONNECTIONS_CLOSED = frozenset({KafkaError._ALL_BROKERS_DOWN})
"""When it is the only error, brokers accept connections and close them: otherwise librdkafka reports a reason too."""
NO_CONNECTION = frozenset(
    {
        KafkaError._TRANSPORT,
        KafkaError._TIMED_OUT,
        KafkaError._RESOLVE,
        KafkaError.REQUEST_TIMED_OUT,
        KafkaError.BROKER_NOT_AVAILABLE,
    }
)
RETRIABLE = frozenset(
    {
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.REPLICA_NOT_AVAILABLE,
        KafkaError.FENCED_LEADER_EPOCH,
        KafkaError.UNKNOWN_LEADER_EPOCH,
        KafkaError.OFFSET_NOT_AVAILABLE,
        KafkaError.NOT_COORDINATOR,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    }
)
"""Errors that pass by themselves: a topic was just created or a broker was lost, and its leaders are not in place yet.
The same goes for a group whose coordinator was just chosen or has moved."""
NOT_AUTHORIZED = frozenset(
    {
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
        KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    }
)
NO_TOPIC = frozenset({KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC, KafkaError._UNKNOWN_PARTITION})
BAD_REPLICATION = frozenset({KafkaError.INVALID_REPLICATION_FACTOR})
BAD_SETTING = frozenset({KafkaError._INVALID_ARG})

SENTENCES: tuple[tuple[frozenset[int], str], ...] = (
    (
        LOGIN_REFUSED,
        "Kafka at {brokers} refused the login ({detail}): check security.username, its password and security.mechanism",
    ),
    (
        NO_TLS,
        "no trusted TLS connection to Kafka at {brokers} ({detail}): check security.protocol, security.ca_file and, "
        "where brokers ask for a certificate, security.cert_file",
    ),
    (
        NO_CONNECTION,
        "no Kafka broker answers at {brokers} ({detail}): start it, or set STRAYMAIL_BROKERS and security.protocol to "
        "those of a running one",
    ),
    (CONNECTIONS_CLOSED, "Kafka at {brokers} closes every connection: set security.protocol to that of its listener"),
    (NOT_AUTHORIZED, "Kafka at {brokers} doesn't allow it ({detail}): grant this user the permission (an ACL)"),
    (NO_TOPIC, "there is no such topic or partition at {brokers}: run `straymail topics create`"),
    (BAD_REPLICATION, "Kafka at {brokers} refuses ({detail}): change topics.replication_factor"),
    (BAD_SETTING, "Kafka's client refuses its settings ({detail})"),
)
"""The sentence for each kind of error; any other error is reported in Kafka's own words."""

NOTHING_ACQUIRED = "Failed to acquire SASL OAUTHBEARER token: "
"""librdkafka's words where it gets no token. The issuer's refusal in JSON follows, or why there is no answer."""

SILENT = logging.Logger("librdkafka", logging.CRITICAL + 1)


class ConnectionErrors:
    """An `error_cb` of librdkafka that keeps the most specific of all connection errors."""

    def __init__(self) -> None:
        self.most_specific: KafkaError | None = None

    def __call__(self, error: KafkaError) -> None:
        if self.most_specific is None or _specificity(error) > _specificity(self.most_specific):
            self.most_specific = error


def _specificity(error: KafkaError) -> int:
    code = error.code()
    if code in LOGIN_REFUSED:
        return 3
    if _is_tls_error(error):
        return 2
    return 0 if code in CONNECTIONS_CLOSED else 1


def _is_tls_error(error: KafkaError) -> bool:
    """A broker that refuses a certificate closes the connection, which librdkafka doesn't report as a TLS error."""
    return error.code() in NO_TLS or (error.code() in NO_CONNECTION and "SSL" in error.str())


def quiet_config(settings: KafkaSettings, errors: ConnectionErrors) -> dict[str, Any]:
    """The librdkafka configuration of a command's client: it logs nothing, reconnects quickly, and reports connection
    errors to `errors`."""
    return {
        **librdkafka_config(settings),
        "error_cb": errors,
        "log_level": 0,
        "logger": SILENT,  # at level 0 a fatal error is still written to stderr
        "reconnect.backoff.max.ms": 500,
    }


@contextmanager
def translate_errors(
    action: str, brokers: str, errors: ConnectionErrors | None = None, poll: Callable[[float], object] | None = None
) -> Iterator[None]:
    """Translate a KafkaException raised in the block into a StraymailError with one sentence; `action` is what was
    tried ("create topics").

    `poll` is that of the client: it delivers pending connection errors to `errors`.
    """
    try:
        yield
    except KafkaException as error:
        if poll is not None:
            poll(0)
        raise translated(error.args[0], action, brokers, errors) from error


def translated(error: KafkaError, action: str, brokers: str, errors: ConnectionErrors | None = None) -> StraymailError:
    """The StraymailError to raise for `error`; its sentence has what failed, where, and what to do."""
    cause, detail = error, _plain(error.str())
    if error.code() in NO_CONNECTION and errors is not None:
        if errors.most_specific is None:
            return BrokerUnreachable(f"can't {action}: Kafka at {brokers} didn't answer in time ({detail}): try again")
        cause, detail = errors.most_specific, _plain(errors.most_specific.str())
    if detail.startswith(NOTHING_ACQUIRED):
        return _no_token(action, detail.removeprefix(NOTHING_ACQUIRED))
    code = KafkaError._SSL if _is_tls_error(cause) else cause.code()
    sentence = next((text for codes, text in SENTENCES if code in codes), "Kafka at {brokers} answered: {detail}")
    return kind(code)(f"can't {action}: {sentence.format(brokers=brokers, detail=detail)}")


def _no_token(action: str, reason: str) -> StraymailError:
    """An issuer that is away may answer later; one that refuses, or that isn't trusted, doesn't change its mind."""
    if reason.startswith("{"):
        return BrokerError(
            f"can't {action}: the token issuer refused the login ({reason}): check security.username, its password "
            "(the client secret) and security.token_scope"
        )
    sentence = (
        f"can't {action}: no token from the issuer ({reason}): check security.token_url and security.token_ca_file"
    )
    return BrokerError(sentence) if "SSL" in reason else BrokerUnreachable(sentence)


def kind(code: int) -> type[StraymailError]:
    """The class of an error of Kafka's: BrokerUnreachable where the same request may be answered later."""
    if code in BAD_SETTING:
        return ConfigurationError
    if code in CONNECTIONS_CLOSED:
        return ConnectionsClosed
    if code in NO_TOPIC:
        return TopicMissing
    return BrokerUnreachable if code in NO_CONNECTION | RETRIABLE else BrokerError


def _plain(text: str) -> str:
    """The text on one line, without librdkafka's connection names and timings."""
    text = re.sub(r"^\S+/(bootstrap|\d+): ", "", " ".join(text.split()))
    return re.sub(r" \(after [^)]*\)", "", text).rstrip(".: ")
