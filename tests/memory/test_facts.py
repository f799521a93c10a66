from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streams.memory.facts import DAYS_KEPT, CorrespondentFacts, PersonFacts
from streams.memory.first_seen import seen
from tests.memory.facts import (
    DAY,
    DAYS,
    correspondents,
    joined_correspondents,
    joined_persons,
    one_day_correspondent,
    one_day_person,
    persons,
)


@given(persons, persons, persons)
def test_persons_join_in_any_order(one: PersonFacts, two: PersonFacts, three: PersonFacts) -> None:
    assert one.joined(two) == two.joined(one)
    assert one.joined(two).joined(three) == one.joined(two.joined(three))
    assert one.joined(two).joined(two) == one.joined(two)


@given(correspondents, correspondents, correspondents)
def test_correspondents_join_in_any_order(
    one: CorrespondentFacts, two: CorrespondentFacts, three: CorrespondentFacts
) -> None:
    assert one.joined(two) == two.joined(one)
    assert one.joined(two).joined(three) == one.joined(two.joined(three))
    assert one.joined(two).joined(two) == one.joined(two)


@given(st.lists(one_day_person, min_size=1, max_size=8), DAYS)
def test_a_person_before_a_day_is_what_the_mail_before_it_taught(some: list[PersonFacts], day: int) -> None:
    earlier = [facts for facts in some if facts.last < day]
    as_of = joined_persons(some).before(day)
    assert (as_of is None) == (not earlier)
    if as_of is not None and max(facts.last for facts in some) - day < 32:
        then = joined_persons(earlier)
        assert as_of.first == then.first
        assert as_of.writers == then.writers
        assert as_of.days.bit_count() <= then.days.bit_count()


@given(st.lists(one_day_correspondent, min_size=1, max_size=8), st.integers(DAY, DAY + 400))
def test_a_correspondent_before_a_day_is_what_the_mail_before_it_taught(
    some: list[CorrespondentFacts], day: int
) -> None:
    some = [facts for facts in some if facts.last < DAY + DAYS_KEPT]
    earlier = [facts for facts in some if facts.last < day]
    as_of = joined_correspondents(some).before(day) if some else None
    if not earlier:
        assert as_of is None
        return
    then = joined_correspondents(earlier)
    assert as_of is not None
    assert (as_of.first, as_of.first_in, as_of.first_out) == (then.first, then.first_in, then.first_out)
    assert (as_of.senders, as_of.persons, as_of.shared) == (then.senders, then.persons, then.shared)
    assert as_of.days_in.bit_count() == then.days_in.bit_count()


@given(st.lists(one_day_person, min_size=1, max_size=8), DAYS)
def test_a_person_until_a_day_is_what_the_mail_until_then_taught(some: list[PersonFacts], day: int) -> None:
    """As far as the bitmap reaches back: mail long before what is left out is known by its first day alone."""
    until = joined_persons(some).until(day)
    known = [facts for facts in some if facts.last <= day]
    assert (until is None) == (not known)
    if until is not None and max(facts.last for facts in some) - min(facts.last for facts in some) < 32:
        assert until == joined_persons(known)


@given(st.lists(one_day_correspondent, min_size=1, max_size=8), DAYS)
def test_a_correspondent_until_a_day_is_what_the_mail_until_then_taught(
    some: list[CorrespondentFacts], day: int
) -> None:
    some = [facts for facts in some if facts.last < DAY + DAYS_KEPT]
    known = [facts for facts in some if facts.last <= day]
    until = joined_correspondents(some).until(day) if some else None
    assert until == (joined_correspondents(known) if known else None)


def test_days_are_those_of_mail_and_no_more() -> None:
    person = joined_persons([PersonFacts(day, day, 1) for day in (DAY, DAY + 3, DAY + 3, DAY + 31)])
    assert person.days.bit_count() == 3
    assert person.joined(PersonFacts(DAY + 90, DAY + 90, 1)) == PersonFacts(DAY, DAY + 90, 1)


def test_days_beyond_those_kept_fall_out_of_the_bitmaps() -> None:
    old = CorrespondentFacts(DAY, days_in=1, persons=seen(DAY, 7))
    both = old.joined(CorrespondentFacts(DAY + 400, days_out=1))
    assert (both.first_in, both.first_out, both.first) == (None, DAY + 400, DAY + 400)
    assert both.persons == old.persons
    assert old.joined(CorrespondentFacts(DAY + 399, days_out=1)).first_in == DAY


def test_the_days_with_news_of_a_person() -> None:
    facts = one_day(DAY, 1).joined(one_day(DAY + 3, 2)).joined(one_day(DAY + 5, 1))
    assert facts.days_with_news == [DAY, DAY + 3, DAY + 5]


def one_day(day: int, writer: int) -> PersonFacts:
    return PersonFacts(day, day, 1, seen(day, writer))
