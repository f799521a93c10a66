"""The mails of a finding."""

from __future__ import annotations

from streams.console.hit_index import HitIndex
from streams.events.alert import encode_alert
from streams.events.alert_view import read_alert
from streams.events.hit import HitKind, TypoHit, encode_hit
from tests.cli.finding import START_MS, finding
from tests.console.samples import hit

RULES: dict[str, HitKind] = {"sender-typo-hits": "certain", "domain-leak": "certain"}
OF_SENDER = read_alert(encode_alert(finding()))
OF_DOMAIN = read_alert(encode_alert(finding(rule="domain-leak", group_by="domain", sender=None)))


def index_of(*hits: TypoHit, limit: int = 1000) -> HitIndex:
    index = HitIndex(limit)
    for each in hits:
        index.put(each, encode_hit(each))
    return index


def test_the_mails_of_a_sender_and_of_a_domain() -> None:
    hits = index_of(
        hit("1"),
        hit("2", sender="clerk@mod.gov.uk"),
        hit("3", domain="navy.ml", intended="navy.mil"),
        hit("4", time=START_MS - 1),
        hit("5", certain=False),
    )
    assert [mail.message_id for mail in hits.mails(OF_SENDER, RULES)] == ["<1@mod.gov.uk>", "<3@mod.gov.uk>"]
    assert [mail.message_id for mail in hits.mails(OF_DOMAIN, RULES)] == ["<1@mod.gov.uk>", "<2@mod.gov.uk>"]


def test_a_mail_counts_once_with_its_latest_delivery() -> None:
    hits = HitIndex(1000)
    events = [hit("1", "deferred"), hit("1", "delivered")]
    assert [hits.put(each, encode_hit(each)) for each in events] == [True, False]
    assert [mail.delivery for mail in hits.mails(OF_SENDER, RULES)] == ["delivered"]


def test_the_oldest_hits_are_dropped() -> None:
    hits = index_of(*(hit(str(number)) for number in range(30)), limit=10)
    assert len(hits) == 10
    assert next(mail.message_id for mail in hits.mails(OF_SENDER, RULES)) == "<20@mod.gov.uk>"
    again = hit("0")
    assert hits.put(again, encode_hit(again))
