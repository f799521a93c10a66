from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

from streams import clock
from streams.backtest.groups import SenderGroups
from streams.backtest.report import render
from streams.backtest.run import backtest
from streams.backtest.score import ScoringPlan
from streams.backtest.second_pass import judgements, keep
from streams.backtest.sorted_records import SortedRecords
from streams.cli.backtest.summary import as_json
from streams.config import Settings
from streams.events.hit import TypoHit
from streams.events.mail import MailEvent, encode
from streams.events.remembered import Remembered
from streams.memory.memory import DAY_MS
from tests.detection.remembering import LEE, OWN, ROSS, START, WATCHLIST, hits_of_mail, mail_on, remembering

KNOWN, SLIP = "j.smith@springfield.org", "j.smith@springfield.com"
EVENTS = [
    mail_on(0, ROSS, KNOWN),
    mail_on(0, ROSS, SLIP),
    mail_on(3, LEE, SLIP),
    mail_on(3, ROSS, "ann@springfeild.org"),
    mail_on(4, "ann@springfeild.org", LEE),
    mail_on(5, ROSS, "ann@springfeild.org"),
]


def plan(**settings: Any) -> ScoringPlan:
    return ScoringPlan(Settings(own_domains=[OWN], **settings), WATCHLIST, SenderGroups())


def judged(events: Iterable[MailEvent], plan: ScoringPlan) -> list[TypoHit]:
    score = plan.build()
    with SortedRecords() as records:
        for event in events:
            keep(records, score([encode(event)]))
        return [hit for judgement in judgements(records, plan) for hit in judgement.hits]


def test_history_is_judged_as_a_worker_would_have_judged_it() -> None:
    live = hits_of_mail(remembering(), EVENTS)
    hits = judged(EVENTS, plan())
    assert [(hit.id, hit.score, hit.explanation) for hit in hits] == [
        (hit.id, hit.score, hit.explanation) for hit in live
    ]
    assert [hit.memory for hit in hits] == [hit.memory for hit in live]
    assert [hit.memory and hit.memory.known_to for hit in hits] == ["colleague", None, None]


def test_the_order_of_the_files_is_of_no_account() -> None:
    shuffled = random.Random(1).sample(EVENTS, len(EVENTS))
    assert judged(shuffled, plan()) == judged(EVENTS, plan())


def test_a_person_in_an_older_file_that_comes_last_is_known_from_its_day_on() -> None:
    events = [mail_on(100, ROSS, KNOWN), mail_on(0, ROSS, KNOWN), mail_on(50, LEE, SLIP)]
    score = plan().build()
    for batches in ([[event] for event in events], [events]):
        with SortedRecords() as records:
            for batch in batches:
                keep(records, score(list(map(encode, batch))))
            hits = [hit for judgement in judgements(records, plan()) for hit in judgement.hits]
        assert [hit.memory and (hit.memory.known_to, hit.memory.person_days) for hit in hits] == [("colleague", 1)]
        score = plan().build()


def test_mail_dated_in_the_future_is_judged_and_teaches_nothing() -> None:
    ahead = clock.now_ms() // DAY_MS - START + 2
    events = [
        mail_on(ahead, ROSS, KNOWN),
        mail_on(ahead + 9, LEE, SLIP),
        mail_on(ahead + 9, LEE, "ann@springfeild.org"),
    ]
    assert [(hit.domain, hit.memory) for hit in judged(events, plan())] == [("springfeild.org", Remembered(0))]


def test_without_a_memory_a_name_is_judged_alone() -> None:
    for off in (plan(knowledge={"enabled": False}), plan(knowledge={"persons": False})):
        assert [hit.domain for hit in judged(EVENTS, off)] == ["springfeild.org"] * 2


def test_a_backtest_counts_what_was_judged() -> None:
    values = list(map(encode, EVENTS))
    results = [
        backtest([("file", values)], plan(), jobs=jobs, on_unreadable=lambda *_: None).totals.domains for jobs in (1, 2)
    ]
    assert results[0].keys() == results[1].keys() == {"springfield.com", "springfeild.org"}


def test_report_and_summary_say_who_knew_the_recipient() -> None:
    values = list(map(encode, EVENTS))
    result = backtest([("file", values)], plan(), jobs=1, on_unreadable=lambda *_: None)
    known = {leak["domain"]: leak["known_to"] for leak in as_json(result, 0.5)["leaks"]}
    assert known == {"springfield.com": "colleague", "springfeild.org": None}
    page = render(result, plan(), title="Leaks", made_ms=0)
    assert page.count("known at springfield.org to a colleague") == 1
