"""Suggestions from past mail: a slip is never suggested by volume, whatever is watched already."""

from __future__ import annotations

import msgspec
import orjson
import pytest

from streams.backtest.suggest import REVIEW_FROM, Minimum, Suggestion, suggest
from streams.backtest.volumes import Volumes
from streams.config import Settings
from streams.domains.own_domains import OwnDomains
from streams.domains.scorer import Scorer
from streams.domains.watchlist.watchlist import Allowed, Watchlist
from streams.events.mail import MailEvent, decode
from tests.backtest.history import WRONG, events

EMPTY = Watchlist({"example.org": None}, {}, {}, {})
WATCHED = Watchlist({"*.mil": None, "nato.int": None}, {"army.cz": Allowed("army.cz")}, {"army.ml": "army.mil"}, {})


def mail(domain: str, count: int, *, senders: int = 5, delivery: str | None = None, start: int = 0) -> list[MailEvent]:
    return [
        MailEvent(
            id=f"{domain}{number}",
            time=1_767_225_600_000 + (start + number) * 86_400_000,
            sender=f"desk{number % senders}@mod.example",
            recipients=[f"u{number}@{domain}"],
            delivery=delivery,  # type: ignore[arg-type]  # one of the statuses
        )
        for number in range(count)
    ]


def suggested(watchlist: Watchlist, *mails: list[MailEvent], own: tuple[str, ...] = ()) -> dict[str, Suggestion]:
    volumes = Volumes(OwnDomains(own))
    for part in mails:
        volumes.add_all(part)
    return {one.volume.domain: one for one in suggest(volumes, watchlist, Settings(own_domains=own), Minimum())}


@pytest.mark.parametrize("watchlist", [EMPTY, WATCHED])
def test_slips_are_under_review_and_nowhere_else(watchlist: Watchlist) -> None:
    """Here army.ml gets more mail than army.mil, and in one of the two cases army.mil is not watched."""
    history = [decode(orjson.dumps(event), now_ms=None) for event in events(20_000, slips=0.05)]
    found = suggested(watchlist, history)
    slips = {domain: found[domain] for domain in WRONG if domain in found}
    assert {one.kind for one in slips.values()} == {"review"}
    assert set(WRONG) - set(slips) <= set(watchlist.mistakes)


def test_without_a_watchlist_the_domains_of_most_mail_are_suggested() -> None:
    history = [decode(orjson.dumps(event), now_ms=None) for event in events(60_000, slips=0.003)]
    found = suggested(EMPTY, history)
    assert {found[domain].kind for domain in ("army.mil", "navy.mil", "us.af.mil", "nato.int")} == {"watched"}
    slips = [found[domain] for domain in WRONG]
    assert {one.kind for one in slips} == {"review"}
    assert {one.verdict.intended for one in slips} <= {"army.mil", "navy.mil", "us.af.mil", "nato.int"}


def test_no_possible_slip_is_suggested() -> None:
    history = [decode(orjson.dumps(event), now_ms=None) for event in events(20_000, slips=0.05)]
    scorer = Scorer(WATCHED, Settings().scorer)
    for domain, one in suggested(WATCHED, history).items():
        assert (one.kind == "review") or scorer.score(domain).score < REVIEW_FROM


def test_kinds_by_volume_senders_and_delivery() -> None:
    found = suggested(
        EMPTY,
        mail("frequent.example", 30),
        mail("one-writer.example", 30, senders=1, delivery="delivered"),
        mail("seldom.example", 4, delivery="delivered"),
        mail("never-arrives.example", 10, delivery="failed"),
        mail("once.example", 1, delivery="delivered"),
    )
    assert {domain: one.kind for domain, one in found.items()} == {
        "frequent.example": "watched",
        "one-writer.example": "known",
        "seldom.example": "known",
    }
    volume = found["frequent.example"].volume
    assert (volume.mails, len(volume.senders)) == (30, 5)
    assert volume.last_ms - volume.first_ms == 29 * 86_400_000


def test_known_domains_are_not_suggested() -> None:
    found = suggested(
        WATCHED,
        *(
            mail(domain, 50)
            for domain in ("army.mil", "army.cz", "sub.army.cz", "army.ml", "hq.mod.example", "new.example")
        ),
        own=("mod.example",),
    )
    assert list(found) == ["new.example"]


def test_spellings_are_joined_and_other_names_ignored() -> None:
    found = suggested(EMPTY, mail("Frequent.Example.", 30), mail("localhost", 50), mail("not a domain", 50))
    assert list(found) == ["frequent.example"]


def test_memory_is_bounded_by_dropping_rare_domains() -> None:
    volumes = Volumes(max_domains=100)
    volumes.add_all(mail("frequent.example", 50))
    volumes.add_all(event for number in range(1_000) for event in mail(f"d{number}.example", 1))
    assert len(volumes.domains) <= 100
    assert volumes.domains["frequent.example"].mails == 50
    assert volumes.dropped > 800


def answer(domain: str) -> list[MailEvent]:
    [sent] = mail("mod.example", 1)
    return [msgspec.structs.replace(sent, sender=f"u1@{domain}")]


def answers(domain: str, count: int, *, persons: int = 4) -> list[MailEvent]:
    """Mail from persons there, a mail a day."""
    return [
        msgspec.structs.replace(
            sent, id=f"{sent.id} back", sender=f"u{at % persons}@{domain}", recipients=[sent.sender]
        )
        for at, sent in enumerate(mail(domain, count))
    ]


NEAR = Watchlist({"springfield.org": None}, {}, {}, {})
OWN = ("mod.example",)


def test_an_established_correspondent_near_a_watched_name_is_proposed_for_a_decision() -> None:
    wrong = "springfeild.org"
    both_ways = suggested(NEAR, mail(wrong, 30), answers(wrong, 30), own=OWN)[wrong]
    assert (both_ways.kind, both_ways.may_be_slip, both_ways.verdict.intended) == ("allowed", True, "springfield.org")
    volume = both_ways.volume
    assert (len(volume.days_out), len(volume.days_in), len(volume.persons)) == (30, 30, 20)


@pytest.mark.parametrize(
    "mails",
    [
        [mail("springfeild.org", 30)],
        [mail("springfeild.org", 30), answers("springfeild.org", 4)],
        [mail("springfeild.org", 15), answers("springfeild.org", 15)],
        [mail("springfeild.org", 30, senders=2), answers("springfeild.org", 30)],
        [mail("springfeild.org", 30, delivery="failed"), answers("springfeild.org", 30)],
        [
            mail("springfeild.org", 30),
            [msgspec.structs.replace(one, labels=["SPF-fail"]) for one in answers("springfeild.org", 30)],
        ],
    ],
    ids=["never answers", "answers seldom", "for two weeks", "few of ours", "never arrives", "forged"],
)
def test_what_is_not_established_stays_under_review(mails: list[list[MailEvent]]) -> None:
    assert suggested(NEAR, *mails, own=OWN)["springfeild.org"].kind == "review"


def test_of_two_near_names_that_both_answer_and_are_not_watched_none_is_proposed() -> None:
    pair = ("springfield.org", "springfeild.org")
    mails = [some for domain in pair for some in (mail(domain, 30), answers(domain, 30))]
    assert {one.kind for one in suggested(EMPTY, *mails, own=OWN).values()} == {"review"}


def test_who_never_answers_is_not_suggested_where_the_mail_shows_who_does() -> None:
    """An entry of an address book can be wrong for years."""
    one_way, both_ways = mail("quarry-holdings.example", 40), mail("tidewater-group.example", 40)
    alone = suggested(EMPTY, one_way, both_ways, own=("mod.example",))
    assert {alone[domain].kind for domain in ("quarry-holdings.example", "tidewater-group.example")} == {"watched"}
    found = suggested(EMPTY, one_way, both_ways, answer("tidewater-group.example"), own=("mod.example",))
    assert found.keys() == {"tidewater-group.example"}
    assert found["tidewater-group.example"].volume.received == 1
