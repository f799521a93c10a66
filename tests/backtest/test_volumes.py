"""How much mail goes to each domain."""

from __future__ import annotations

from typing import Any

import pytest

from streams.backtest.volumes import Volumes
from streams.domains.own_domains import OwnDomains
from tests.detection.samples import mail

TIME_MS = 1_790_000_000_000


def counted(*events: Any, max_domains: int = 100) -> Volumes:
    volumes = Volumes(max_domains=max_domains)
    volumes.add_all(events)
    return volumes


def test_mails_senders_and_days_of_each_domain() -> None:
    volumes = counted(
        mail("a@Army.mil", "b@army.mil", "c@navy.mil", time=TIME_MS),
        mail("a@army.mil", sender="b@mod.gov.uk", time=TIME_MS - 5),
        mail("a@army.mil", sender="B@MOD.gov.uk", time=TIME_MS + 5),
    )
    army = volumes.domains["army.mil"]
    assert (army.mails, len(army.senders), army.first_ms, army.last_ms) == (3, 2, TIME_MS - 5, TIME_MS + 5)
    assert volumes.domains["navy.mil"].mails == 1
    assert volumes.sending == {"mod.gov.uk"}


@pytest.mark.parametrize(
    ("delivery", "delivered"),
    [
        ("delivered", {"army.mil", "navy.mil"}),
        ("failed", set()),
        (None, set()),
        ({"a@army.mil": "delivered", "b@navy.mil": "failed"}, {"army.mil"}),
        ({"a@army.mil": "failed", "c@army.mil": "delivered"}, {"army.mil"}),
    ],
)
def test_what_is_known_to_be_delivered(delivery: Any, delivered: set[str]) -> None:
    volumes = counted(mail("a@army.mil", "b@navy.mil", "c@army.mil", delivery=delivery))
    assert {domain for domain, volume in volumes.domains.items() if volume.delivered} == delivered


def test_bounces_are_left_out() -> None:
    assert counted(mail("a@army.mil", sender="")).domains == {}


def test_where_there_are_too_many_the_half_with_the_least_mail_goes() -> None:
    often = [mail("a@army.mil")] * 3 + [mail("a@navy.mil")] * 2
    volumes = counted(*often, *(mail(f"a@once{number}.example") for number in range(20)), max_domains=8)
    assert {"army.mil", "navy.mil"} <= volumes.domains.keys()
    assert len(volumes.domains) <= 8
    assert volumes.dropped + len(volumes.domains) >= 22


def test_mail_from_elsewhere_to_an_own_domain_is_counted_for_its_sender() -> None:
    volumes = Volumes(OwnDomains(["mod.gov.uk"]))
    volumes.add_all([mail("a@army.mil", time=TIME_MS), mail("a@mod.gov.uk", sender="b@mod.gov.uk", time=TIME_MS)])
    assert not volumes.has_received
    volumes.add_all([mail("a@desk.mod.gov.uk", "c@else.example", sender="j@Army.mil", time=TIME_MS)] * 2)
    assert volumes.has_received
    army = volumes.domains["army.mil"]
    assert (army.mails, army.received) == (1, 2)
    assert volumes.domains["else.example"].received == 0


def test_without_own_domains_nothing_is_received() -> None:
    volumes = counted(mail("a@mod.gov.uk", sender="j@army.mil", time=TIME_MS))
    assert (volumes.has_received, "army.mil" in volumes.domains) == (False, False)
