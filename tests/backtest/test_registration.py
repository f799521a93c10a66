"""Who could register a mistaken domain, and what to do about it."""

from __future__ import annotations

import pytest

from streams.backtest.domains import DomainTally
from streams.backtest.registration import ranked
from streams.domains.registration import DESCRIPTIONS
from streams.events.dns_facts import DnsFacts
from tests.backtest.test_run import MADE, run
from tests.findings.samples import MONDAY_MS, hit


def test_leaks_are_ranked_by_what_was_delivered() -> None:
    result, _ = run(MADE)
    leaks = ranked(result.totals.domains.values())
    assert [leak.tally.delivered for leak in leaks] == sorted((leak.tally.delivered for leak in leaks), reverse=True)
    advice = {leak.tally.domain: leak.advice for leak in leaks}
    assert advice["army.ml"].startswith("Block it at the gateway now")
    assert "can't receive mail" in advice["nato.imt"]


def tally(domain: str, *deliveries: str) -> DomainTally:
    """Of a mail with each of these statuses."""
    made = DomainTally(hit(domain=domain).mistaken_domain, MONDAY_MS, MONDAY_MS)
    for number, delivery in enumerate(deliveries):
        made.add(hit(MONDAY_MS, domain=domain, message_id=f"<{number}>", delivery=delivery))
    return made


def test_what_may_have_been_delivered_ranks_behind_what_was() -> None:
    tallies = [tally("a.ml", "failed"), tally("b.ml", "unknown"), tally("c.ml", "delivered"), tally("d.ml", "unknown")]
    assert [leak.tally.domain for leak in ranked(tallies)] == ["c.ml", "b.ml", "d.ml", "a.ml"]


@pytest.mark.parametrize(
    ("domain", "delivery", "advice"),
    [
        ("army.mi", "delivered", "One of your own relays accepted this mail"),
        ("army.mi", "failed", "it can't receive mail"),
        ("army.ml", "delivered", "a server accepts mail there"),
        ("army.gov", "failed", "only certain organisations could register it"),
        ("army.ml", "failed", "Register it if it is free"),
    ],
)
def test_advice(domain: str, delivery: str, advice: str) -> None:
    (leak,) = ranked([tally(domain, delivery)])
    assert advice in leak.advice
    assert leak.registration in DESCRIPTIONS


@pytest.mark.parametrize(
    ("delivery", "facts", "advice"),
    [
        ("failed", DnsFacts(0, "unowned", "army.ml", open=True), "Register it before somebody else does"),
        (
            "failed",
            DnsFacts(0, "mx", "army.ml", ["mx.army.ml"], open=True),
            "Block it at the gateway now: it takes mail",
        ),
        ("failed", DnsFacts(0, "null-mx", "army.ml", open=True), "somebody owns it, and it takes no mail today"),
        ("delivered", DnsFacts(0, "unowned", "army.ml", open=True), "Then find out whose it is"),
        ("failed", None, "Register it if it is free"),
    ],
)
def test_advice_goes_by_what_dns_says(delivery: str, facts: DnsFacts | None, advice: str) -> None:
    (leak,) = ranked([tally("army.ml", delivery)], {} if facts is None else {"army.ml": facts})
    assert advice in leak.advice
    assert bool(leak.facts_in_words) == (facts is not None)
