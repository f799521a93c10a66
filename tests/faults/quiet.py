"""Partitions of the mail events that go quiet just before their worker is gone."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any
from zlib import crc32

import orjson
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from tests.faults.harness import Figures, Harness
from tests.faults.stream import BAD
from tests.faults.verify import verify
from tests.findings.oracle import DAY_MS, DEFAULT_RULES, finals
from tests.pipeline.mail import BEGIN_MS, SPAN_MS, expected_hits, mail_events
from tests.pipeline.worker import wait_until

FINAL_MS = SPAN_MS + 9 * DAY_MS
"""Mail of this time, after the begin of a round, ends every window of the round: a week, and the allowed lateness."""
ROUND_MS = 20 * DAY_MS
BAD_RECORDS = 20
FINAL_S = 60.0


def quiet_partitions(harness: Harness) -> Figures:
    """Workers are killed, stopped and rebalanced within moments of the last mail of a history, before they have sent
    its watermarks: every window ends all the same. The last records of one partition are bad, those of another were
    deleted by retention, and a third ends with a transaction's markers."""
    for name in ("one", "other"):  # as started again in place, a killed worker's session needs no wait
        harness.add_worker(INSTANCE_ID=name)
    _wait_ready(harness)
    findings = 0
    for number, fault in enumerate((_kill, _stop, _rebalance)):
        values = _send_round(harness, number)
        findings += len(finals(expected_hits(values), DEFAULT_RULES))
        fault(harness)
        wait_until(
            partial(_are_final, harness, findings), seconds=FINAL_S, what=f"{fault.__name__}: every window has ended"
        )
    figures: Figures = dict(verify(harness.topics, []))
    figures["peak MB"] = harness.peak_mb()
    harness.stop_workers()
    return figures


def _kill(harness: Harness) -> None:
    _replace(harness, signal.SIGKILL)


def _stop(harness: Harness) -> None:
    _replace(harness, signal.SIGTERM)


def _rebalance(harness: Harness) -> None:
    harness.add_workers(1)


def _replace(harness: Harness, by: signal.Signals) -> None:
    for worker in harness.workers:
        worker.send_signal(by)
    for worker in harness.workers:
        assert worker.wait(60) == (0 if by == signal.SIGTERM else -by)
        worker.start()
    _wait_ready(harness)


def _wait_ready(harness: Harness) -> None:
    for worker in harness.workers:
        worker.wait_ready()


def _send_round(harness: Harness, number: int) -> list[bytes]:
    """Send the mail of a round, each partition's last mail being so late that all windows of the round can end; return
    its values when all is committed."""
    *others, bad, transacted, expired = harness.topics.ends(harness.topics.names.events)
    values: dict[int, list[bytes]] = {partition: [] for partition in (*others, bad, transacted, expired)}
    for event in _mail(harness, number):
        values[crc32(event["sender"].encode()) % expired].append(orjson.dumps(event))
    for partition, of_partition in values.items():
        of_partition.append(_last_mail(number, partition))
    ends = _Sender(harness, {}).send({p: each for p, each in values.items() if p != transacted})
    ends |= _Sender(harness, {}).send({bad: [b"{"] * BAD_RECORDS}, headers=[(BAD, b"1")])
    ends |= _send_in_transactions(harness, transacted, values[transacted])
    wait_until(partial(_are_committed, harness, ends), seconds=harness.size.patience_s, what="all mail is committed")
    _delete(harness, expired, ends[expired])
    return [value for of_partition in values.values() for value in of_partition]


def _mail(harness: Harness, number: int) -> Iterator[dict[str, Any]]:
    for event in mail_events(harness.size.records // 3, seed=harness.seed + number, slips=0.03):
        yield event | {
            "id": f"{number}-{event['id']}",
            "message_id": f"<{number}-{event['message_id'][1:]}",
            "time": event["time"] + number * ROUND_MS,
        }


def _last_mail(number: int, partition: int) -> bytes:
    return orjson.dumps(
        {
            "id": f"last-{number}-{partition}",
            "message_id": f"<last-{number}-{partition}@mod.gov.uk>",
            "time": BEGIN_MS + number * ROUND_MS + FINAL_MS,
            "sender": "desk@mod.gov.uk",
            "recipients": ["u@army.mil"],
        }
    )


class _Sender:
    """A producer to given partitions, which notes where each ends."""

    def __init__(self, harness: Harness, config: Mapping[str, str]) -> None:
        self._topic = harness.topics.names.events
        self.ends: dict[int, int] = {}
        self.producer = Producer(
            {"bootstrap.servers": harness.settings.brokers, "linger.ms": 20, "log_level": 0, **config}
        )

    def send(
        self, values: Mapping[int, list[bytes]], headers: list[tuple[str, str | bytes | None]] | None = None
    ) -> dict[int, int]:
        """Send the values of each partition, and return the offset after the last of each."""
        for partition, of_partition in values.items():
            for value in of_partition:
                self.producer.produce(
                    self._topic, value, partition=partition, headers=headers or [], on_delivery=self._delivered
                )
                self.producer.poll(0)
        assert self.producer.flush(60) == 0
        return self.ends

    def _delivered(self, error: object, message: Any) -> None:
        assert error is None, error
        self.ends[message.partition()] = message.offset() + 1


def _send_in_transactions(harness: Harness, partition: int, values: list[bytes]) -> dict[int, int]:
    """Send the values in a transaction, and others in one that is aborted, so that the partition ends with markers."""
    sender = _Sender(harness, {"transactional.id": f"{harness.settings.topic_prefix}feed"})
    sender.producer.init_transactions(60)
    sender.producer.begin_transaction()
    ends = dict(sender.send({partition: values}))
    sender.producer.commit_transaction(60)
    sender.producer.begin_transaction()
    sender.send({partition: values[:1]})
    sender.producer.abort_transaction(60)
    return ends


def _are_committed(harness: Harness, ends: Mapping[int, int]) -> bool:
    committed = harness.topics.committed(harness.topics.names.events)
    return all(committed[partition] >= end for partition, end in ends.items())


def _delete(harness: Harness, partition: int, end: int) -> None:
    """Delete the records of a partition before `end`, as retention does."""
    admin = AdminClient({"bootstrap.servers": harness.settings.brokers, "log_level": 0})
    for deleted in admin.delete_records([TopicPartition(harness.topics.names.events, partition, end)]).values():
        deleted.result(60)


def _are_final(harness: Harness, findings: int) -> bool:
    """Whether there are so many findings, and the window of each has ended."""
    states: dict[str, str] = {}
    for value in harness.topics.values(harness.topics.names.alerts):
        alert = orjson.loads(value)
        states[alert["finding_info"]["uid"]] = alert["unmapped"]["straymail"]["window_state"]
    return len(states) >= findings and set(states.values()) == {"final"}
