"""Facts of any kind, as a memory may come to have them, for tests with hypothesis."""

from __future__ import annotations

from functools import reduce

from hypothesis import strategies as st

from streams.memory.facts import CorrespondentFacts, PersonFacts
from streams.memory.first_seen import seen

DAY = 20_000
DAYS = st.integers(DAY, DAY + 900)
TAGS = st.integers(0, 9)

one_day_person = st.builds(
    lambda day, tag: PersonFacts(day, day, 1, seen(day, tag) if tag else ()),
    DAYS,
    TAGS,
)
one_day_correspondent = st.builds(
    lambda day, out, tags: CorrespondentFacts(
        day, int(out), int(not out), seen(day, tags[0]) if out else (), seen(day, tags[1]), seen(day, tags[2])
    ),
    DAYS,
    st.booleans(),
    st.tuples(TAGS, TAGS, TAGS),
)


def joined_persons(some: list[PersonFacts]) -> PersonFacts:
    return reduce(PersonFacts.joined, some)


def joined_correspondents(some: list[CorrespondentFacts]) -> CorrespondentFacts:
    return reduce(CorrespondentFacts.joined, some)


persons = st.lists(one_day_person, min_size=1, max_size=8).map(joined_persons)
correspondents = st.lists(one_day_correspondent, min_size=1, max_size=8).map(joined_correspondents)
