"""`straymail notify --channels --send` with real receivers, killed while sending and restarted."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import orjson
import pytest

from streams.events.alert import encode_alert
from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.names import topic_names
from tests.broker.contract import Broker
from tests.broker.ports import free_ports
from tests.cli.finding import finding
from tests.notify.channels.receiver import HttpReceiver, Mailbox, smtp_receiver
from tests.pipeline.worker import wait_until

pytestmark = pytest.mark.process

ROUNDS, FINDINGS = 6, 3
"""All in one message are at most 18, of which each is described."""


class Command:
    """The command with channels of one pipeline, and a publisher of its alerts."""

    def __init__(self, settings: KafkaSettings, folder: Path) -> None:
        self._settings, self._log = settings, folder / "log"
        self.urls: dict[str, str] = {}
        clean = {name: value for name, value in os.environ.items() if not name.startswith("STRAYMAIL_")}
        self._environment = clean | {
            "STRAYMAIL_BROKERS": settings.brokers,
            "STRAYMAIL_TOPIC_PREFIX": settings.topic_prefix,
            "STRAYMAIL_NOTIFY_CHANNELS_STATE": str(folder / "journal.sqlite"),
        }

    def publish(self, numbers: range) -> set[str]:
        """Publish a finding for each number; their shown uids."""
        uids = [f"{number:03x}" * 10 + "00" for number in numbers]
        with SyncProducer(self._settings, topic_names(self._settings).alerts) as to:
            for uid in uids:
                to.send(encode_alert(finding(uid=uid)), key=uid.encode())
        return {uid[:12] for uid in uids}

    @contextmanager
    def running(self) -> Iterator[None]:
        """The command in a process, which is killed at the end of the block."""
        with self._log.open("ab") as log:
            process = subprocess.Popen(self._line("--send"), env=self._all(), stdout=log, stderr=log)
        try:
            yield
        finally:
            process.kill()
            process.wait()

    def run(self, *options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._line(*options), env=self._all(), capture_output=True, text=True, timeout=120, check=False
        )

    @property
    def log(self) -> str:
        return self._log.read_text()

    def noted(self, channel: str) -> int:
        """How many messages the channel has reported as sent."""
        return self.log.count(f'"channel":"{channel}","outcome":"sent"') if self._log.exists() else 0

    def _all(self) -> dict[str, str]:
        channels = [{"name": name, "url": url, "every": "1s"} for name, url in self.urls.items()]
        return self._environment | {"STRAYMAIL_NOTIFY_CHANNELS": orjson.dumps(channels).decode()}

    @staticmethod
    def _line(*options: str) -> list[str]:
        return [sys.executable, "-m", "streams", "notify", "--channels", *options]


@pytest.fixture
def command(broker: Broker, settings: KafkaSettings, tmp_path: Path) -> Command:
    """The command on a topic of its own, which has no alert yet."""
    broker.create_topics({topic_names(settings).alerts: 4})
    return Command(settings, tmp_path)


@pytest.fixture
def webhook() -> Iterator[HttpReceiver]:
    with HttpReceiver() as receiver:
        yield receiver


@pytest.fixture
def mail() -> Iterator[tuple[Mailbox, str]]:
    with smtp_receiver() as (mailbox, port):
        yield mailbox, f"mailto://127.0.0.1:{port}?from=straymail@mod.gov.uk&to=soc@mod.gov.uk&format=text"


def findings_in(text: str) -> Counter[str]:
    """How often each finding is named, those that are marked as a possible repeat left out."""
    unmarked = re.sub(r"(?ms)^straymail: may be a repeat:.*?(?=^straymail:|\Z)", "", text)
    lines = [line for line in unmarked.splitlines() if "may be a repeat: " not in line]
    return Counter(uid for line in lines for uid in re.findall(r"[Ff]inding ([0-9a-f]{12})", line))


def arrived(webhook: HttpReceiver, before: int) -> bool:
    return webhook.requests > before


def has_noted(command: Command, before: int) -> bool:
    return command.noted("webhook") > before


def test_nothing_is_sent_twice_and_nothing_is_lost_through_kills(
    command: Command, webhook: HttpReceiver, mail: tuple[Mailbox, str]
) -> None:
    mailbox, mail_url = mail
    command.urls = {"webhook": webhook.url, "mail": mail_url, "away": f"json://127.0.0.1:{free_ports(1)[0]}/secret"}
    first = command.run("--send", "--until-end")  # the first start skips older alerts
    assert (first.returncode, first.stderr) == (0, "")
    published: set[str] = set()
    for number in range(ROUNDS):
        if number % 2:
            webhook.answering.clear()
        before = webhook.requests
        published |= command.publish(range(number * FINDINGS, (number + 1) * FINDINGS))
        noted = command.noted("webhook")
        condition = partial(arrived, webhook, before) if number % 2 else partial(has_noted, command, noted)
        with command.running():
            wait_until(condition, seconds=60, what="a message arrives, or is noted")
        webhook.answering.set()
    with command.running():
        wait_until(lambda: all(uid in webhook.bodies for uid in published), seconds=60, what="the webhook has all")
        wait_until(lambda: all(uid in mailbox.bodies for uid in published), seconds=60, what="the mailbox has all")
    assert max(findings_in(webhook.bodies).values()) == 1
    assert max(findings_in(mailbox.bodies).values(), default=0) <= 1  # it may be killed in each of its messages
    assert "may be a repeat" in webhook.bodies, "no message was in flight when the process was killed"
    assert "channel away: it can't be reached" in command.log
    assert "secret" not in command.log


def test_until_the_end_a_test_message_and_a_dry_run(command: Command, webhook: HttpReceiver) -> None:
    command.urls = {"webhook": webhook.url}
    assert command.run("--send", "--until-end").returncode == 0  # the first start skips older alerts
    published = command.publish(range(3))
    dry = command.run("--until-end")
    assert [orjson.loads(line)["outcome"] for line in dry.stdout.splitlines()] == ["dry-run"]
    assert webhook.received == []
    done = command.run("--send", "--until-end")
    assert (done.returncode, done.stderr) == (0, "")
    assert set(findings_in(webhook.bodies)) == published
    assert command.run("--send", "--until-end").stdout == ""
    assert command.run("--test").stdout == "webhook: accepted\n"
    webhook.statuses = [401]
    refused = command.run("--test")
    assert (refused.returncode, refused.stderr) == (1, "straymail: webhook: it answered 401\n")
    assert "secret-path" not in refused.stderr + done.stdout + dry.stdout
