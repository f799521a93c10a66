"""A tally is independent of the order and the repeats of hits."""

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from streams.events.asked import NOTHING_ASKED, OUTCOMES, AskedOutcome
from streams.events.delivery import STORED
from streams.findings.rules import Count
from streams.findings.store.asked_tally import ASKED_RANKS
from streams.findings.store.tally import ENTRIES_PER_MAIL, RECORD_BYTES, Entry, Tally, hit_digests

MANY = 10_000


def entry(
    hit: int = 0,
    mail: int = 0,
    domain: int = 0,
    recipients: int = 0,
    sender: int = 0,
    time: int = 0,
    delivery: str = "unknown",
    rank: int | None = None,
) -> Entry:
    digests = mail.to_bytes(8), domain.to_bytes(4), recipients.to_bytes(4), sender.to_bytes(8)
    content = Entry.content(*digests, time, STORED.index(delivery) if rank is None else rank)
    return Entry.of(hit.to_bytes(8), content)


small = st.integers(0, 3)
entries = st.builds(
    entry,
    hit=st.integers(0, 10**6),
    mail=small,
    domain=small,
    recipients=small,
    sender=small,
    time=st.integers(-5, 5),
    delivery=st.sampled_from(STORED),
)


def tally_of(entries: list[Entry], count: Count = "mails") -> Tally:
    tally = Tally(count)
    for one in entries:
        tally.add(one, MANY)
    return tally


def merged(tally: Tally) -> object:
    """All figures of a tally, but not which hits led to them."""
    return (
        tally.units,
        tally.domains,
        tally.delivered,
        tally.delivered_domains,
        sorted(tally.moments()),
        tally.is_undelivered(),
        tally.mails_by_delivery(),
    )


@given(st.lists(entries, max_size=12).flatmap(lambda made: st.tuples(st.just(made), st.permutations(made * 2))))
def test_order_and_repeats_do_not_matter(made: tuple[list[Entry], list[Entry]]) -> None:
    once, shuffled = made
    assert merged(tally_of(once)) == merged(tally_of(shuffled))
    assert merged(tally_of(once, "senders")) == merged(tally_of(shuffled, "senders"))


@given(st.lists(entries, max_size=12), st.sampled_from(["mails", "senders"]))
def test_a_packed_tally_is_restored(made: list[Entry], count: Count) -> None:
    tally = tally_of(made, count)
    again = Tally(count, tally.packed())
    assert merged(again) == merged(tally)
    assert again.packed() == tally.packed()
    assert len(tally.packed()) == RECORD_BYTES * len(tally)
    assert not any(again.add(one, MANY) for one in made), "a known hit changed the tally"


@given(st.lists(entries, max_size=12), st.sets(small))
def test_removing_domains_is_as_if_they_had_never_been_added(made: list[Entry], domains: set[int]) -> None:
    removed = {domain.to_bytes(4) for domain in domains}
    tally = tally_of(made)
    hits = set(tally.hits())
    removed_hits = set(tally.remove(removed))
    assert merged(tally) == merged(tally_of([one for one in made if one.domain not in removed]))
    assert removed_hits | set(tally.hits()) == hits


def test_a_mail_counts_once_with_its_best_known_delivery() -> None:
    tally = Tally("mails")
    assert tally.add(entry(hit=1, mail=7, time=10), MANY)
    assert not tally.add(entry(hit=2, mail=7, time=11), MANY)
    assert tally.add(entry(hit=3, mail=7, time=12, delivery="deferred"), MANY)
    assert tally.add(entry(hit=4, mail=7, time=13, delivery="delivered"), MANY)
    assert not tally.add(entry(hit=5, mail=7, time=14, delivery="failed"), MANY)
    assert tally.add(entry(hit=6, mail=7, time=9), MANY)
    assert (len(tally.units), len(tally.delivered), tally.mails_by_delivery()) == (1, 1, {"delivered": 1})
    assert tally.first_and_last_ms() == (9, 9)
    assert list(tally.hits()) == [number.to_bytes(8) for number in (1, 3, 4, 6)]


def test_a_pending_recipient_is_not_hidden_behind_a_failed_one() -> None:
    tally = tally_of([entry(hit=1, recipients=1, delivery="failed"), entry(hit=2, recipients=2)])
    assert not tally.is_undelivered()
    tally.add(entry(hit=3, recipients=2, delivery="rejected"), MANY)
    assert tally.is_undelivered()
    assert tally.mails_by_delivery() == {"rejected": 1, "failed": 1}
    assert not Tally("mails").is_undelivered()


def test_mails_or_senders_are_counted() -> None:
    made = [entry(hit=number, mail=number, sender=number % 2) for number in range(5)]
    assert len(tally_of(made).units) == 5
    assert len(tally_of(made, "senders").units) == 2


def test_the_count_of_a_full_tally_is_a_minimum() -> None:
    tally = Tally("mails")
    assert [tally.add(entry(hit=number, mail=number), 2) for number in range(3)] == [True, True, False]
    assert tally.count_is_minimum
    assert len(tally.units) == 2
    assert tally.add(entry(hit=9, mail=1, delivery="delivered"), 2), (
        "the delivery of a counted mail may still become better known"
    )


def test_the_records_of_a_few_mails_are_bounded_too() -> None:
    tally = Tally("mails")
    added = [tally.add(entry(hit=number, mail=0, recipients=number), 2) for number in range(20)]
    assert sum(added) == len(tally) == 2 * ENTRIES_PER_MAIL
    assert tally.count_is_minimum
    assert not tally.add(entry(hit=0, mail=0, recipients=0), 2)


def asked(outcome: AskedOutcome = "asked", **given: Any) -> Entry:
    """The entry of a question of the gate."""
    return entry(**given, rank=ASKED_RANKS[outcome])


questions = st.builds(
    asked, st.sampled_from(OUTCOMES), hit=st.integers(10**7, 10**8), mail=small, domain=small, sender=small
)


@given(st.lists(entries, max_size=8), st.lists(questions, max_size=8), st.randoms(use_true_random=False))
def test_questions_change_nothing_that_mail_counts_for(
    mails: list[Entry], asked_ones: list[Entry], chance: random.Random
) -> None:
    mixed = [*mails, *asked_ones]
    chance.shuffle(mixed)
    tally = tally_of(mixed)
    assert merged(tally) == merged(tally_of([one for one in mixed if one.time_and_rank[1] < len(STORED)]))
    assert tally.asked.counts() == Tally("mails", tally.packed()).asked.counts() == tally_of(asked_ones).asked.counts()
    assert tally.all_domains() == {one.domain for one in mixed}
    assert all(tally.has(one) for one in mixed)


def test_questions_take_no_room_of_mail() -> None:
    tally = Tally("mails")
    assert [tally.add(asked(hit=number, mail=number), 2) for number in range(30)] == [True, True] + [False] * 28
    assert [tally.add(asked(outcome, mail=1), 2) for outcome in OUTCOMES] == [False, True, True]
    assert not tally.count_is_minimum
    assert [tally.add(entry(hit=number, mail=number), 2) for number in range(3)] == [True, True, False]
    assert tally.count_is_minimum


def test_removing_questions_alone_makes_no_room() -> None:
    tally = Tally("mails")
    for number in range(2):
        tally.add(entry(hit=number, mail=number), 1)
    tally.add(asked(domain=1), 1)
    tally.remove({(1).to_bytes(4)})
    assert (tally.count_is_minimum, tally.asked.counts()) == (True, NOTHING_ASKED)


def test_questions_alone_have_times() -> None:
    tally = tally_of([asked(time=5), asked(mail=1, time=9)])
    assert tally.first_and_last_ms() == (5, 9)
    tally.add(entry(time=7), MANY)
    assert tally.first_and_last_ms() == (7, 7)


@given(st.lists(entries, max_size=20))
def test_the_hits_of_a_packed_log(made: list[Entry]) -> None:
    assert list(hit_digests(b"".join(made))) == [one.hit for one in made]
