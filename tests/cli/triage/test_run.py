"""`straymail triage`, run as a command on a broker."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.config import Settings
from streams.events.alert import encode_alert
from streams.events.hit import encode_hit
from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.topics.names import TopicNames
from streams.triage.topic import stored_decisions
from tests.cli.conftest import RunCommand
from tests.cli.finding import finding
from tests.console.samples import UIDS, hit

pytestmark = pytest.mark.kafka  # on the embedded broker, but each command takes seconds


@pytest.fixture
def findings(pipeline: Settings, names: TopicNames, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A pipeline with two findings and a hit; the user is khan."""
    monkeypatch.setenv("LOGNAME", "khan")
    with SyncProducer(pipeline, names.alerts) as producer:
        for state in (finding(), finding(uid=UIDS[1]), finding(sequence=2, count=5)):
            producer.send(encode_alert(state))
    with SyncProducer(pipeline, names.typo_hits) as producer:
        from streams.clock import now_ms

        producer.send(encode_hit(hit("1", time=now_ms())))
    return pipeline


def test_a_finding_is_acknowledged_assigned_and_resolved(findings: Settings, run: RunCommand) -> None:
    assert run("triage", "a1").rows[0]["status"] == "New"
    assert run("triage", "a1", "--acknowledge", "--note", "calls the desk").rows[0]["assignee"] == "khan"
    done = run("triage", "a1", "b2", "--assign", "ross")
    assert [(row["finding_uid"], row["assignee"]) for row in done.rows] == [(UIDS[0], "ross"), (UIDS[1], "ross")]
    row = run("triage", "A1", "--resolve").rows[0]
    assert (row["status_id"], row["user"], row["assignee"], row["comment"]) == (4, "khan", "ross", "calls the desk")
    assert stored_decisions(findings)[UIDS[0]].count == 5
    assert run("triage", "b2", "--reopen").rows[0]["status"] == "New"


def test_the_next_mail_opens_what_was_resolved(findings: Settings, names: TopicNames, run: RunCommand) -> None:
    run("triage", "a1", "--resolve")
    with SyncProducer(findings, names.alerts) as producer:
        producer.send(encode_alert(finding(sequence=3, count=6)))
    row = run("triage", "a1").rows[0]
    assert (row["status"], row["reopened"], row["user"]) == ("New", True, "khan")


@pytest.mark.usefixtures("findings")
def test_a_false_alarm_offers_its_lines_and_changes_no_file(watchlist: Path, run: RunCommand) -> None:
    before = watchlist.read_text()
    offer = run("triage", "a1", "--false-alarm", "--note", "our printer").rows[0]["offer"]
    assert isinstance(offer, dict)
    assert 'domain: army.ml, reason: "our printer", owner: "khan", until: ' in offer["allowed_line"]
    assert (offer["known_line"], offer["mails"]) == ("army.ml", 1)
    assert [(each["domain"], each["change"], each["mails"]) for each in offer["allowed"]] == [("army.ml", "lost", 1)]
    assert watchlist.read_text() == before


@pytest.mark.usefixtures("findings", "terminal")
def test_for_people_it_is_in_words(run: RunCommand) -> None:
    out = run("triage", "a1", "--assign", "ross", "--note", "calls").out.decode()
    assert "a1a1a1a1a1a1  In Progress" in out
    assert "In Progress by khan, for ross at" in out
    out = run("triage", "a1", "--false-alarm").out.decode()
    assert "To allow army.ml, add this line" in out
    assert "lost" in out
    assert "Of 1 mail since" in out
    assert "it changes none." in out


@pytest.mark.usefixtures("findings")
@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("zz",), "no finding's uid begins with 'zz'"),
        (("",), "2 findings' uids begin with ''"),
        (("a1", "--acknowledge", "--resolve"), "choose one decision: --acknowledge or --resolve"),
        (("a1", "--note", "x"), "--note belongs to a decision"),
        (("a1", "--assign", " "), "the assignee is empty"),
        (("a1", "--resolve", "--note", "x" * 501), "the note has 501 characters"),
    ],
)
def test_what_is_refused(run: RunCommand, arguments: tuple[str, ...], what: str) -> None:
    done = run("triage", *arguments)
    assert done.exit_code == 2
    assert what in done.err
