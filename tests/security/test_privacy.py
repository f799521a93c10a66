"""The privacy settings apply everywhere: to values, keys, headers, state, dead letters, metrics and logs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from streams.clock import now_ms
from streams.events.alert_view import read_alert
from streams.events.privacy import Privacy
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.admin import create_topics
from streams.kafka.topics.names import wanted_topics
from streams.triage.decide import decide
from streams.triage.topic import store_decisions
from tests.broker.apache import ApacheKafka
from tests.pipeline.mail import WATCHLIST
from tests.pipeline.topics import Topics
from tests.pipeline.worker import WorkerProcess, wait_until

KEY = "the secret key of these tests"
SENDER, RECIPIENT, SUBJECT = "ann.desk@mod.gov.uk", "jo.bloggs@army.ml", "Movement order 7"
KNOWN = "jo.bloggs@army.mil"
MASKED = {"PRIVACY_SENDER": "hmac", "PRIVACY_KEY": KEY, "DEAD_LETTERS": "metadata", "OWN_DOMAINS": "mod.gov.uk"}


@pytest.fixture
def topics(apache_kafka: ApacheKafka, prefix: str) -> Iterator[Topics]:
    settings = KafkaSettings(brokers=apache_kafka.bootstrap, topic_prefix=prefix)
    create_topics(settings)
    topics = Topics(settings, group=f"{prefix}straymail")
    yield topics
    topics.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("recipient", ["hmac", "domain"])
def test_no_masked_text_appears_anywhere(topics: Topics, tmp_path: Path, recipient: str) -> None:
    watchlist = tmp_path / "watchlist.yaml"
    watchlist.write_text(WATCHLIST)
    own = {
        "BROKERS": topics.settings.brokers,
        "TOPIC_PREFIX": topics.settings.topic_prefix,
        "WATCHLIST": str(watchlist),
        "LOG_LEVEL": "DEBUG",
    }
    mails = [_mail(number) for number in range(3)]
    bad = orjson.dumps(_mail(9) | {"size": -1})
    with WorkerProcess(own | MASKED | {"PRIVACY_RECIPIENT": recipient}) as worker:
        worker.wait_ready()
        topics.send(topics.names.events, iter([(SENDER, orjson.dumps(mail)) for mail in mails] + [(SENDER, bad)]))
        wait_until(lambda: bool(topics.values(topics.names.alerts)), seconds=60, what="an alert")
        wait_until(lambda: len(topics.values(topics.names.dead_letters)) == 1, seconds=60, what="a dead letter")
        metrics = worker.get("/metrics")[1]
        assert worker.stop() == 0
        view = read_alert(topics.values(topics.names.alerts)[-1])
        store_decisions(topics.settings, [decide("acknowledge", view, None, user="khan", now_ms=now_ms())])
        places = {"the log": worker.log, "the metrics": metrics} | dict(_texts(topics))
    for place, text in places.items():
        for secret in ("ann.desk", "jo.bloggs", SUBJECT, KEY):
            assert secret not in text, f"{secret!r} is in {place}"
    for label in ("army.ml", "mod.gov.uk"):
        assert label not in metrics


def _mail(number: int) -> dict[str, object]:
    return {
        "id": f"e{number}",
        "message_id": f"<{number}@mta3>",
        "time": int(time.time() * 1000),
        "sender": SENDER,
        "recipients": [RECIPIENT, KNOWN],
        "subject": SUBJECT,
        "delivery": "delivered",
    }


def _texts(topics: Topics) -> Iterator[tuple[str, str]]:
    """The records of each topic as text, except the one that the mail system writes and that of gates, which keeps
    digests alone (tests/gate/test_digests.py) and is empty without one."""
    for topic in wanted_topics(topics.settings):
        if topic.name not in (topics.names.events, topics.names.gate):
            records = [(record.key, record.value, record.headers) for record in topics.read(topic.name)]
            assert records, f"{topic.name} is empty, so nothing was checked"
            yield topic.name, repr(records)


def test_a_masked_address_can_not_be_guessed_without_the_key() -> None:
    """An attacker who knows the address, but not the key, can't compute its mask."""
    mask = Privacy(KEY.encode(), sender="hmac").mask_sender(SENDER)
    others = [b"straymail", b"\0", KEY.encode() + b"\n", KEY.encode()[:-1]]
    assert mask not in {Privacy(key, sender="hmac").mask_sender(SENDER) for key in others}
    assert mask == Privacy(KEY.encode(), sender="hmac").mask_sender(f" {SENDER.upper()} ".strip())
