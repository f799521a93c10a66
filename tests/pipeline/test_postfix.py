"""From a mail server to alerts: a real Postfix sends mail, its log is followed, and a worker scores and counts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import orjson
import pytest

from streams.events.hit import Tick, TypoHit, decode_hit_or_tick
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.admin import create_topics
from tests.broker.apache import ApacheKafka
from tests.cache import UnavailableError
from tests.pipeline.topics import Topics
from tests.pipeline.worker import WorkerProcess, wait_until
from tests.sources.postfix import Postfix

MAILS = 200
SLIP_EACH = 5
"""Every fifth mail goes to a mistaken domain."""
WRONG = ("army.ml", "navy.ml", "af.ml")
WATCHLIST = "watched: ['*.mil']\nmistakes: {army.ml: army.mil, navy.ml: navy.mil, af.ml: af.mil}\n"


@pytest.fixture
def postfix() -> Iterator[Postfix]:
    """A Postfix that defers mail to af.ml."""
    try:
        server = Postfix(transport={"af.ml": "deferred"})
    except UnavailableError as reason:
        pytest.skip(str(reason))
    with server:
        yield server


def environment(settings: KafkaSettings, **more: str) -> dict[str, str]:
    return {"BROKERS": settings.brokers, "TOPIC_PREFIX": settings.topic_prefix, **more}


@contextmanager
def follower(log: Path, position: Path, settings: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """`straymail import --follow`, ended by SIGTERM, after which its exit code must be 0."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("STRAYMAIL_")}
    own = {f"STRAYMAIL_{name}": value for name, value in settings.items()}
    command = [sys.executable, "-m", "streams", "import", "postfix", "--follow", "--from-start"]
    process = subprocess.Popen(
        [*command, "--position", str(position), str(log)], env=clean | own, stderr=subprocess.PIPE
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 0, err


def send(postfix: Postfix) -> dict[str, set[str]]:
    """Send 200 mails of 20 senders; returns the message ids of the slips by sender."""
    slips: defaultdict[str, set[str]] = defaultdict(set)
    for number in range(MAILS):
        sender, message_id = f"desk{number % 20}@mod.example", f"<{number}@mod.example>"
        recipients = [f"liaison{number}@army.mil"]
        if number % SLIP_EACH == 0:
            recipients.append(f"bob{number}@{WRONG[number % 3]}")
            slips[sender].add(message_id)
        postfix.send(sender, recipients, {"Message-ID": message_id, "Subject": f"Movement order {number}"})
    return dict(slips)


def hits_by_sender(topics: Topics) -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for hit in hits(topics):
        found[hit.sender].add(hit.mail)
    return dict(found)


def hits(topics: Topics) -> Iterator[TypoHit]:
    for value in topics.values(topics.names.typo_hits):
        hit = decode_hit_or_tick(value)
        if not isinstance(hit, Tick):
            yield hit


def alerts_by_sender(topics: Topics) -> dict[str, int]:
    """The highest count in the alerts of each sender."""
    found: dict[str, int] = {}
    for value in topics.values(topics.names.alerts):
        alert = orjson.loads(value)
        own = alert["unmapped"]["straymail"]
        if own["rule"] == "sender-typo-hits":
            found[own["sender"]] = max(alert["count"], found.get(own["sender"], 0))
    return found


@pytest.mark.timeout(240)
def test_a_real_postfix_is_followed_to_the_alerts(
    apache_kafka: ApacheKafka, postfix: Postfix, prefix: str, tmp_path: Path
) -> None:
    settings = KafkaSettings(brokers=apache_kafka.bootstrap, topic_prefix=prefix)
    create_topics(settings)
    topics = Topics(settings, group=f"{prefix}straymail")
    watchlist = tmp_path / "watchlist.yaml"
    watchlist.write_text(WATCHLIST)
    kafka = environment(settings)
    with WorkerProcess(kafka | {"WATCHLIST": str(watchlist)}) as worker:
        worker.wait_ready()
        with follower(postfix.log, tmp_path / "position", kafka):
            slips = send(postfix)
            wait_until(lambda: hits_by_sender(topics) == slips, seconds=90, what="every slip is a hit")
            wait_until(lambda: alerts_by_sender(topics).keys() == slips.keys(), seconds=30, what="every sender's alert")
        assert worker.stop() == 0
    powers = {sender: 1 << (len(mails).bit_length() - 1) for sender, mails in slips.items()}
    assert all(count >= powers[sender] for sender, count in alerts_by_sender(topics).items())
    deliveries = {hit.domain: hit.delivery for hit in hits(topics)}
    assert deliveries == {"army.ml": "delivered", "navy.ml": "delivered", "af.ml": "deferred"}
    topics.close()
