"""`straymail notify --send` with a real Kafka and a real Postfix, killed while sending and restarted."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from streams.events.alert import encode_alert
from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.admin import create_topics
from streams.kafka.topics.names import topic_names
from tests.broker.apache import ApacheKafka
from tests.cli.finding import finding
from tests.notify.postfix import Postfix
from tests.pipeline.worker import wait_until

SENDERS = 60


class Notify:
    """The command with the settings of one pipeline, and a publisher of its alerts."""

    def __init__(self, settings: KafkaSettings, postfix: Postfix, folder: Path) -> None:
        self._settings = settings
        self._log = folder / "log"
        own = {
            "BROKERS": settings.brokers,
            "TOPIC_PREFIX": settings.topic_prefix,
            "OWN_DOMAINS": "mod.gov.uk",
            "NOTIFY_SMTP_PORT": str(postfix.port),
            "NOTIFY_SMTP_CA_FILE": str(postfix.ca_file),
            "NOTIFY_SMTP_USER": postfix.user,
            "NOTIFY_SMTP_PASSWORD": postfix.password,
            "NOTIFY_FROM_ADDRESS": "soc@mod.gov.uk",
            "NOTIFY_STATE": str(folder / "journal.sqlite"),
        }
        clean = {name: value for name, value in os.environ.items() if not name.startswith("STRAYMAIL_")}
        self._environment = clean | {f"STRAYMAIL_{name}": value for name, value in own.items()}

    def alerts(self, numbers: range, sequence: int = 1) -> None:
        """Publish a finding, last seen now, for each number."""
        now_ms = time.time_ns() // 1_000_000
        with SyncProducer(self._settings, topic_names(self._settings).alerts) as to:
            for number in numbers:
                uid = f"{number:032x}"
                state = finding(uid=uid, sequence=sequence, sender=f"u{number}@mod.gov.uk", last_seen_ms=now_ms)
                to.send(encode_alert(state), key=uid.encode())

    def start(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(self._command("--since", "1h"), env=self._environment, stdout=log, stderr=log)

    def run(self, *options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._command(*options), env=self._environment, capture_output=True, text=True, timeout=60, check=False
        )

    @property
    def log(self) -> str:
        return self._log.read_text()

    @staticmethod
    def _command(*options: str) -> list[str]:
        return [sys.executable, "-m", "streams", "notify", "--send", *options]


@pytest.fixture
def notify(apache_kafka: ApacheKafka, prefix: str, postfix: Postfix, tmp_path: Path) -> Notify:
    settings = KafkaSettings(brokers=apache_kafka.bootstrap, topic_prefix=prefix)
    create_topics(settings)
    return Notify(settings, postfix, tmp_path)


def message_ids(postfix: Postfix) -> list[str]:
    return [mail["Message-ID"] for mail in postfix.delivered()]


def test_one_mail_per_finding_through_a_kill_and_a_restart(notify: Notify, postfix: Postfix) -> None:
    notify.alerts(range(SENDERS))
    process = notify.start()
    wait_until(lambda: len(postfix.delivered()) > 5, seconds=60, what="some mails are delivered")
    process.kill()
    process.wait()
    assert notify.log.count(" sent ") < SENDERS, "it had finished before it was killed"
    notify.alerts(range(SENDERS), sequence=2)
    notify.alerts(range(SENDERS, SENDERS + 5))
    assert notify.run("--until-end").returncode == 0
    done = notify.run("--until-end")
    assert (done.returncode, done.stdout) == (0, "")
    wait_until(lambda: len(postfix.delivered()) >= SENDERS + 4, seconds=30, what="all mails are delivered")
    ids = message_ids(postfix)
    assert len(ids) == len(set(ids)), "a finding was notified twice"
    assert len(ids) >= SENDERS + 4, "more than the one mail that was being sent is missing"


def test_the_first_start_skips_older_alerts(notify: Notify, postfix: Postfix) -> None:
    notify.alerts(range(3))
    assert notify.run("--until-end").returncode == 0
    notify.alerts(range(3, 5))
    second = notify.run("--until-end")
    assert second.stdout.count('"sent"') == 2
    wait_until(lambda: len(postfix.delivered()) == 2, seconds=30, what="the new ones are delivered")
