"""Typo hits, and the mails of one finding."""

from __future__ import annotations

from typing import Any

import pytest

from streams.config import Settings
from streams.events.alert import encode_alert
from streams.events.hit import Tick, TypoHit, encode_hit, encode_tick
from streams.events.mistaken_domain import MistakenDomain
from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.topics.names import TopicNames
from tests.cli.conftest import RunCommand
from tests.cli.finding import DAY_MS, START_MS, finding

LEAK = MistakenDomain("navy.ml", "navy.mil", "omission", "", 0.9, certain=True)
BY_DOMAIN = finding(LEAK, uid="b2" * 16, rule="domain-leak", group_by="domain", counts="senders", sender=None)


def hit(number: int, mail: str, offset_ms: int = 0, **changes: Any) -> TypoHit:
    fields: dict[str, Any] = {
        "sender": "desk@mod.gov.uk",
        "domain": "army.ml",
        "intended": "army.mil",
        "recipients": ["a@army.ml"],
        "recipient_count": 1,
        "certain": True,
        "delivery": "deferred",
    }
    return TypoHit(
        id=f"h{number}",
        event_id=f"e{number}",
        message_id=mail,
        time=START_MS + offset_ms,
        score=0.9,
        slip="omission",
        explanation="",
        sender_digest="0" * 32,
        **(fields | changes),
    )


HITS = (
    hit(1, "m1", 10),
    hit(2, "m1", 20, delivery="delivered"),
    hit(3, "m1", 15, recipients=["b@army.ml"], delivery="failed"),
    hit(4, "m2", 5, delivery="failed"),
    hit(5, "m3", 0, certain=False),
    hit(6, "m4", -1),
    hit(7, "m5", DAY_MS),
    hit(8, "m6", 7, sender="other@mod.gov.uk", domain="navy.ml", intended="navy.mil", recipients=["c@navy.ml"]),
)


@pytest.fixture
def hits(pipeline: Settings, names: TopicNames) -> Settings:
    with SyncProducer(pipeline, names.typo_hits) as producer:
        for one in HITS:
            producer.send(encode_hit(one))
        producer.send(encode_tick(Tick({"0": START_MS}, 1)))
        producer.send(b"{}")
    with SyncProducer(pipeline, names.alerts) as producer:
        producer.send(encode_alert(finding()))
        producer.send(encode_alert(BY_DOMAIN))
    return pipeline


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], ["h6", "h5", "h4", "h8", "h1", "h3", "h2", "h7"]),
        (["--domain", "NAVY.ml"], ["h8"]),
        (["--sender", "other@mod.gov.uk"], ["h8"]),
        (["--domain", "navy.ml", "--sender", "desk@mod.gov.uk"], []),
    ],
)
def test_hits_come_by_time(hits: Settings, run: RunCommand, options: list[str], expected: list[str]) -> None:
    done = run("hits", *options)
    assert done.exit_code == 0
    assert [row["id"] for row in done.rows] == expected
    assert "is no typo hit and is skipped" in done.err


@pytest.mark.parametrize(("uid", "message"), [("c3", "no finding's uid begins"), ("", "2 findings' uids begin")])
def test_an_unknown_finding(hits: Settings, run: RunCommand, uid: str, message: str) -> None:
    done = run("hits", "--finding", uid)
    assert done.exit_code == 2
    assert message in done.err


def test_a_finding_cannot_be_followed(run: RunCommand) -> None:
    done = run("hits", "--finding", "a1", "--follow")
    assert done.exit_code == 2
    assert "--follow can't be used with --finding" in done.err
