"""Alerts as CSV: every column, and no formula made of mail data."""

from __future__ import annotations

import csv
import io

from streams.cli.alerts.csv import COLUMNS, write_csv
from streams.config import Settings
from streams.events.alert import encode_alert
from streams.events.alert_view import AlertView, read_alert
from streams.events.finding import FindingState
from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.topics.names import TopicNames
from tests.cli.conftest import RunCommand
from tests.cli.finding import finding


def view(state: FindingState) -> AlertView:
    return read_alert(encode_alert(state))


def rows(written: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written.decode(), newline="")))


def test_every_column() -> None:
    file = io.BytesIO()
    write_csv([view(finding(labels=["SECRET", "UK EYES"], owner="soc@example.org"))], file)
    (row,) = rows(file.getvalue())
    assert tuple(row) == COLUMNS
    expected = {
        "time": "2023-07-17T08:00:00Z",
        "finding": "a1" * 16,
        "severity": "high",
        "count": "3",
        "count_is_minimum": "false",
        "window_start": "2023-07-17T00:00:00Z",
        "sender": "desk@mod.gov.uk",
        "domain": "army.ml",
        "intended": "army.mil",
        "score": "0.98",
        "labels": "SECRET; UK EYES",
        "owner": "soc@example.org",
        "runbook_url": "",
    }
    assert {name: row[name] for name in expected} == expected


def test_no_cell_is_a_formula() -> None:
    file = io.BytesIO()
    senders = ["=cmd|' /C calc'!A0@x.example", "+1@x.example", "@sum@x.example", '"a,\nb"@x.example']
    write_csv([view(finding(sender=sender)) for sender in senders], file)
    written = [row["sender"] for row in rows(file.getvalue())]
    assert written == [f"'{sender}" for sender in senders[:3]] + senders[3:]


def test_the_command(pipeline: Settings, names: TopicNames, run: RunCommand) -> None:
    with SyncProducer(pipeline, names.alerts) as producer:
        for number in range(3):
            state = finding(uid=f"{number:032x}", count=number + 1)
            producer.send(encode_alert(state), key=state.uid.encode())
    done = run("alerts", "--format", "csv")
    assert done.exit_code == 0
    assert sorted(row["count"] for row in rows(done.out)) == ["1", "2", "3"]
    assert run("alerts", "--format", "json").out == run("alerts", "--json").out
    assert run("alerts", "--json", "--format", "csv").exit_code == 2
