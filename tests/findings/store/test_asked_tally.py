"""Questions are merged in any order, and keep to themselves."""

from hypothesis import given
from hypothesis import strategies as st

from streams.events.asked import OUTCOMES
from streams.events.delivery import STORED
from streams.findings.store.asked_tally import ASKED_RANKS, AskedTally

Record = tuple[bytes, int, int]
records: st.SearchStrategy[list[Record]] = st.lists(
    st.tuples(
        st.sampled_from([b"mail-domain", b"another-one"]), st.integers(-3, 3), st.sampled_from([*ASKED_RANKS.values()])
    )
)


def tally_of(made: list[Record]) -> AskedTally:
    tally = AskedTally(slice(0, 4), slice(5, 11))
    for record in made:
        if tally.is_news(*record):
            tally.add(*record)
    return tally


def merged(tally: AskedTally) -> object:
    return tally.counts(), tally.units, tally.domains, sorted(tally.times_ms()), len(tally)


@given(records.flatmap(lambda made: st.tuples(st.just(made), st.permutations(made * 2))))
def test_order_and_repeats_do_not_matter(made: tuple[list[Record], list[Record]]) -> None:
    once, shuffled = map(tally_of, made)
    assert merged(once) == merged(shuffled)
    assert not any(once.is_news(*record) for record in made[0])
    assert all(record[0] in once for record in made[0])


def test_each_question_has_the_latest_outcome() -> None:
    ranks = [ASKED_RANKS[outcome] for outcome in OUTCOMES]
    tally = tally_of(
        [(name, 0, rank) for number, name in enumerate((b"a", b"b", b"c")) for rank in ranks[: number + 1]]
    )
    assert tally.counts() == (3, 1, 1)
    assert (tally.records, len(tally)) == (6, 3)


def test_ranks_that_are_stored_never_change() -> None:
    """The state topics of installations have them beside those of deliveries, which grow from 0."""
    assert ASKED_RANKS == {"asked": 128, "confirmed": 129, "corrected": 130}
    assert len(STORED) < 128
