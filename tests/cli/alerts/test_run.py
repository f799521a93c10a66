"""Findings read from mail.alerts."""

from __future__ import annotations

import pytest

from streams.config import Settings
from streams.events.alert import encode_alert
from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.topics.names import TopicNames
from streams.severity import Severity
from tests.cli.conftest import CommandResult, RunCommand
from tests.cli.finding import START_MS, finding

STATES = (
    finding(),
    finding(sequence=2, activity=2, count=8, severity=Severity.HIGH, time_ms=START_MS + 10),
    finding(uid="b2" * 16, severity=Severity.LOW, count=1, time_ms=START_MS + 20),
    finding(uid="d4" * 16, rule="domain-leak", group_by="domain", sender=None, time_ms=START_MS + 5),
    finding(sequence=3, activity=2, severity=Severity.MEDIUM, count=9, window="final", time_ms=START_MS + 40),
)


@pytest.fixture
def alerts(pipeline: Settings, names: TopicNames) -> Settings:
    with SyncProducer(pipeline, names.alerts) as producer:
        for state in STATES:
            producer.send(encode_alert(state), key=state.uid.encode())
        producer.send(b"{}", key=b"junk")
        producer.send(None, key=b"tombstone")
    return pipeline


def counts(done: CommandResult) -> list[object]:
    assert done.exit_code == 0
    return [row["count"] for row in done.rows]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], [3, 1, 9]),
        (["--every"], [3, 8, 1, 9, 3]),
        (["--severity", "medium"], [3, 9]),
        (["--severity", "high"], [3]),
        (["--rule", "domain-leak"], [3]),
        (["--rule", "suspect-domain"], []),
        (["--finding", "a1"], [8, 9, 3]),
        (["--every", "--severity", "high"], [3, 8, 3]),
    ],
)
def test_what_is_shown(alerts: Settings, run: RunCommand, options: list[str], expected: list[int]) -> None:
    assert counts(run("alerts", "--json", *options)) == expected


@pytest.mark.parametrize("follow", [[], ["--follow"]])
def test_a_rule_that_there_is_not_is_refused_with_those_that_there_are(
    alerts: Settings, run: RunCommand, follow: list[str]
) -> None:
    for name, says in (
        ("domain-leek", "did you mean 'domain-leak'?"),
        ("nosuch", "use sender-typo-hits, domain-leak or "),
    ):
        done = run("alerts", "--rule", name, *follow)
        assert (done.exit_code, says in done.err) == (2, True)


def test_a_table_may_be_piped(alerts: Settings, run: RunCommand) -> None:
    done = run("alerts", "--format", "table")
    assert done.out.startswith(b"time UTC ")
    assert b"3 findings" in done.out
    assert run("alerts", "--json", "--format", "table").exit_code == 2


def test_the_worst_come_first_in_a_table(alerts: Settings, run: RunCommand) -> None:
    lines = run("alerts", "--format", "table").out.decode().splitlines()
    assert [word for line in lines for word in line.split() if word in ("high", "medium", "low")] == [
        "high",
        "medium",
        "low",
    ]


def test_other_records_are_reported_without_their_content(alerts: Settings, names: TopicNames, run: RunCommand) -> None:
    done = run("alerts")
    assert done.err.startswith(f"straymail: {names.alerts}, partition ")
    assert "is no alert of straymail's and is skipped" in done.err
    assert done.err.count("\n") == 1


def test_lines_are_whole_detection_findings(alerts: Settings, run: RunCommand) -> None:
    row = run("alerts", "--rule", "domain-leak").rows[0]
    assert (row["class_uid"], row["severity_id"]) == (2004, 4)
