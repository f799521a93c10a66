"""Tallies by mistaken domain."""

from __future__ import annotations

import pytest

from streams.backtest.domains import DomainTally, Totals
from streams.backtest.score import NearMiss
from streams.events.hit import TypoHit
from streams.events.remembered import KnownTo, Remembered
from tests.findings.samples import DAY_MS, MONDAY_MS, hit

KNOWN_TO: tuple[KnownTo | None, ...] = (None, "colleague", "sender")


def tally_of(*hits: TypoHit) -> DomainTally:
    tally = DomainTally(hits[0].mistaken_domain, hits[0].time, hits[0].time)
    for each in hits:
        tally.add(each)
    return tally


def mail(number: int, **given: object) -> TypoHit:
    return hit(MONDAY_MS + number, message_id=f"<{number}>", **given)


def test_a_mail_counts_once_with_its_first_and_last_time_and_all_people() -> None:
    tally = tally_of(mail(2), mail(2, recipients=["other@army.ml"]), mail(1, sender="kim@mod.gov.uk"))
    assert (tally.domain, len(tally.mails), len(tally.senders), len(tally.recipients)) == ("army.ml", 2, 2, 2)
    assert (tally.first_ms, tally.last_ms) == (MONDAY_MS + 1, MONDAY_MS + 2)
    assert dict(tally.scores) == {0.97: 2}


def test_adding_returns_whether_the_mail_is_new() -> None:
    tally = DomainTally(hit().mistaken_domain, MONDAY_MS, MONDAY_MS)
    assert [tally.add(mail(1)), tally.add(mail(1)), tally.add(mail(2))] == [True, False, True]


@pytest.mark.parametrize(
    ("statuses", "delivered", "undelivered"),
    [
        (["unknown"], 0, 0),
        (["delivered"], 1, 0),
        (["failed"], 0, 1),
        (["deferred", "delivered"], 1, 0),
        (["delivered", "deferred"], 1, 0),
        (["unknown", "failed"], 0, 1),
        (["failed", "unknown"], 0, 1),
    ],
)
def test_the_best_known_status_holds_in_any_order(statuses: list[str], delivered: int, undelivered: int) -> None:
    tally = tally_of(*(mail(1, id=str(at), delivery=status) for at, status in enumerate(statuses)))
    assert (tally.delivered, tally.undelivered) == (delivered, undelivered)


def test_a_mail_is_undelivered_where_none_of_its_recipients_got_it() -> None:
    one, other = mail(1, delivery="failed"), mail(1, recipients=["b@army.ml"], delivery="delivered")
    assert (tally_of(one).undelivered, tally_of(one, other).undelivered) == (1, 0)
    assert tally_of(one, other).delivered == 1


def test_beyond_the_bound_counts_are_minimums(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.backtest.domains.MAX_DISTINCT", 2)
    tally = tally_of(*(mail(at, sender=f"{at}@mod.gov.uk", recipients=[f"{at}@army.ml"]) for at in range(4)))
    assert (len(tally.mails), len(tally.senders), tally.is_minimum) == (2, 2, True)
    assert not tally.add(mail(9))


def test_totals_count_each_new_mail_by_day_slip_group_and_sender() -> None:
    totals = Totals()
    for each in (mail(1), mail(1), mail(2, domain="navy.ml", slip="omission")):
        totals.add(each, "hq")
    totals.add(hit(MONDAY_MS + DAY_MS, message_id="<3>"), "other")
    assert {domain: len(tally.mails) for domain, tally in totals.domains.items()} == {"army.ml": 2, "navy.ml": 1}
    assert dict(totals.slips_by_day) == {MONDAY_MS // DAY_MS: 2, MONDAY_MS // DAY_MS + 1: 1}
    assert dict(totals.by_slip) == {"suffix-omission": 2, "omission": 1}
    assert dict(totals.by_group) == {"hq": 2, "other": 1}
    assert dict(totals.by_sender) == {"desk7@mod.gov.uk": 3}


def test_near_misses_are_tallied_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.backtest.domains.MAX_NEAR_MISSES", 1)
    totals = Totals()
    near = [NearMiss(domain, "army.mil", "swap", score, "m", "s", 1) for domain, score in NEAR]
    totals.add_near_misses(near)
    assert list(totals.near_misses) == ["army.biz"]
    tally = totals.near_misses["army.biz"]
    assert (tally.mails, tally.score, dict(tally.scores)) == (2, 0.4, {0.3: 1, 0.4: 1})


NEAR = [("army.biz", 0.3), ("army.biz", 0.4), ("navy.biz", 0.3)]


def test_who_knew_the_recipient_is_the_best_of_all_mails() -> None:
    assert tally_of(mail(1)).known_to is None
    knowing = [mail(number, memory=Remembered(9, who)) for number, who in enumerate(KNOWN_TO)]
    assert tally_of(*knowing[:2]).known_to == "colleague"
    assert tally_of(*knowing).known_to == "sender"
