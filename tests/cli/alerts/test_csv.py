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
    shown = {
        "=cmd|' /C calc'!A0@x.example": "'=cmd|' /C calc'!A0@x.example",
        "+1@x.example": "'+1@x.example",
        "@sum@x.example": "'@sum@x.example",
        "  =1": "'  =1",
        '"=1"': '\'"=1"',
        "\N{FULLWIDTH EQUALS SIGN}1": "'\N{FULLWIDTH EQUALS SIGN}1",
        "\N{ZERO WIDTH NO-BREAK SPACE}=1": "\\u{feff}=1",
        "a;=1; -x;b": "a;'=1;' -x;b",
        "\t=1": "\\u{9}=1",
        "-1": "-1",
        "+3.5": "+3.5",
        "-1+2": "'-1+2",
        '"a,\nb"@x.example': '"a,\\u{a}b"@x.example',
    }
    file = io.BytesIO()
    write_csv([view(finding(sender=sender)) for sender in shown], file)
    assert [row["sender"] for row in rows(file.getvalue())] == list(shown.values())


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
