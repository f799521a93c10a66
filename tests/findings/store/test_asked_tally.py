"""Questions are merged in any order, and keep to themselves."""

from hypothesis import given
from hypothesis import strategies as st

from streams.events.asked import OUTCOMES
from streams.events.delivery import STORED
from streams.findings.store.asked_tally import ASKED_RANKS, AskedTally

Record = tuple[bytes, int, int]
records: st.SearchStrategy[list[Record]] = st.lists(
    st.tuples(
        st.sampled_from([b"mail-123 domain", b"mail-123 army.m", b"mail-456 domain"]),
        st.integers(-3, 3),
        st.sampled_from([*ASKED_RANKS.values()]),
    )
)


def tally_of(made: list[Record]) -> AskedTally:
    tally = AskedTally(slice(0, 8), slice(9, 15))
    for record in made:
        if tally.is_news(*record):
            tally.add(*record)
    return tally


def merged(tally: AskedTally) -> object:
    return tally.counts(), tally.units, tally.domains, sorted(tally.times_ms()), tally.mails


@given(records.flatmap(lambda made: st.tuples(st.just(made), st.permutations(made * 2))))
def test_order_and_repeats_do_not_matter(made: tuple[list[Record], list[Record]]) -> None:
    once, shuffled = map(tally_of, made)
    assert merged(once) == merged(shuffled)
    assert not any(once.is_news(*record) for record in made[0])
    assert all(record[0] in once for record in made[0])


def test_each_mail_has_the_latest_outcome() -> None:
    ranks = [ASKED_RANKS[outcome] for outcome in OUTCOMES]
    names = [f"mail-{number}: army.ml".encode() for number in range(3)]
    tally = tally_of([(name, 0, rank) for number, name in enumerate(names) for rank in ranks[: number + 1]])
    assert tally.counts() == (3, 1, 1)
    assert tally.records == 6
    tally.add(b"mail-0: another recipient", 0, ASKED_RANKS["corrected"])
    tally.add(b"mail-1: another recipient", 0, ASKED_RANKS["asked"])
    assert tally.counts() == (3, 1, 2)


def test_a_mail_has_room_for_all_its_recipients() -> None:
    tally = tally_of([(b"mail-123 one", 0, ASKED_RANKS["asked"])])
    assert tally.has_room(b"mail-123 another", 1)
    assert not tally.has_room(b"mail-456 one", 1)


def test_ranks_that_are_stored_never_change() -> None:
    """The state topics of installations have them beside those of deliveries, which grow from 0."""
    assert ASKED_RANKS == {"asked": 128, "confirmed": 129, "corrected": 130}
    assert len(STORED) < 128
