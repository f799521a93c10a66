from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streams.memory.facts import DAYS_KEPT
from streams.memory.mail_days import GAP_DAYS, MailDays, Reach
from tests.memory.facts import DAY


def mail_days(out: set[int], inbound: set[int] | None = None) -> MailDays:
    """Days counted from DAY."""
    found = MailDays()
    for day in out:
        found.add(DAY + day, inbound=False)
    for day in inbound or ():
        found.add(DAY + day, inbound=True)
    return found


def test_nothing_reaches_back_without_mail() -> None:
    assert (MailDays().reach(DAY), MailDays().since, MailDays().only(DAY)) == (Reach(0, 0), None, None)


def test_a_memory_reaches_back_to_its_first_day_in_each_direction() -> None:
    found = mail_days({0, 7, 20, 30}, {20})
    assert found.reach(DAY + 31) == Reach(31, 11)
    assert found.reach(DAY + 30) == Reach(30, 10)
    assert found.reach(DAY + 20) == Reach(20, 0)
    assert found.reach(DAY) == Reach(0, 0)
    assert found.since == DAY


def test_one_old_day_is_no_reach() -> None:
    """As of a mail in a mailbox whose Date is years back, or of a clock that was wrong."""
    for old in (-3_000, -390, -15):
        found = mail_days({old, 0, 1, 2})
        assert found.reach(DAY + 3) == Reach(3, 0)
        assert found.since == DAY


def test_after_a_gap_the_reach_begins_again() -> None:
    found = mail_days(set(range(90)))
    assert found.reach(DAY + 89 + GAP_DAYS).out == 89 + GAP_DAYS
    assert found.reach(DAY + 90 + GAP_DAYS).out == 0


def test_the_reach_ends_with_the_days_that_are_kept() -> None:
    found = mail_days(set(range(0, 900, 3)))
    assert DAYS_KEPT - 3 < found.reach(DAY + 900).out <= DAYS_KEPT


def test_a_day_is_new_once_for_each_direction() -> None:
    found = MailDays()
    assert [found.add(DAY, inbound=inbound) for inbound in (False, False, True, True)] == [True, False, True, False]
    assert not found.add(DAY, inbound=False)
    facts = found.only(DAY)
    assert facts is not None
    assert (facts.last, facts.days_out, facts.days_in) == (DAY, 1, 1)


@given(st.sets(st.integers(0, 380)), st.integers(0, 390))
def test_the_reach_is_what_counting_days_back_gives(days: set[int], day: int) -> None:
    back, newer = 0, day
    for each in sorted((each for each in days if each < day), reverse=True):
        if newer - each > GAP_DAYS:
            break
        back, newer = day - each, each
    assert mail_days(days).reach(DAY + day).out == back


@given(st.sets(st.integers(0, 300)), st.sets(st.integers(0, 300)))
def test_days_join_in_any_order(one: set[int], other: set[int]) -> None:
    both, joined = mail_days(one | other), mail_days(one)
    if (facts := mail_days(other).facts) is not None:
        joined.join(facts)
        assert not joined.join(facts)
    assert joined.facts == both.facts
