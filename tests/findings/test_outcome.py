"""What is remembered of the hits of a built, to be told as evidence."""

from streams.findings.outcome import MAX_EVIDENCES, OutcomeBuilder
from tests.findings.samples import hit

KEY = b"key"


def test_hits_that_changed_something_are_told_and_others_are_not() -> None:
    built, one, two = OutcomeBuilder(9, -1), hit(1), hit(2)
    built.add_hit(KEY, one, changed=True)
    built.add_hit(KEY, two, changed=False)
    assert built.evidence(KEY) == [one]


def test_where_nothing_changed_all_are_told_since_they_were_read_again() -> None:
    built, one, two = OutcomeBuilder(9, -1), hit(1), hit(2)
    built.add_hit(KEY, one, changed=False)
    built.add_hit(KEY, two, changed=False)
    assert built.evidence(KEY) == [one, two]
    assert KEY in built.to_evaluate


def test_a_hit_is_told_once_and_no_more_than_so_many_are() -> None:
    built, hits = OutcomeBuilder(9, -1), [hit(number) for number in range(MAX_EVIDENCES + 5)]
    for each in [hits[0], *hits, *hits]:
        built.add_hit(KEY, each, changed=True)
    assert built.evidence(KEY) == hits[:MAX_EVIDENCES]


def test_nothing_is_told_of_what_was_not_touched() -> None:
    assert OutcomeBuilder(9, -1).evidence(KEY) == []
