"""The hits that an outcome builder keeps as evidence."""

from streams.findings.outcome import MAX_EVIDENCES, OutcomeBuilder
from tests.findings.samples import hit

KEY = b"key"


def test_hits_that_changed_the_window_are_evidence() -> None:
    built, one, two = OutcomeBuilder(9, -1), hit(1), hit(2)
    built.add_hit(KEY, one, changed=True)
    built.add_hit(KEY, two, changed=False)
    assert built.evidence(KEY) == [one]


def test_all_hits_are_evidence_if_none_changed_the_window_as_in_a_replay() -> None:
    built, one, two = OutcomeBuilder(9, -1), hit(1), hit(2)
    built.add_hit(KEY, one, changed=False)
    built.add_hit(KEY, two, changed=False)
    assert built.evidence(KEY) == [one, two]
    assert KEY in built.to_evaluate


def test_evidence_has_each_hit_once_and_is_bounded() -> None:
    built, hits = OutcomeBuilder(9, -1), [hit(number) for number in range(MAX_EVIDENCES + 5)]
    for each in [hits[0], *hits, *hits]:
        built.add_hit(KEY, each, changed=True)
    assert built.evidence(KEY) == hits[:MAX_EVIDENCES]


def test_a_window_without_hits_has_no_evidence() -> None:
    assert OutcomeBuilder(9, -1).evidence(KEY) == []
