"""WindowNames are joined in any order."""

from hypothesis import given
from hypothesis import strategies as st

from streams.events.mistaken_domain import MistakenDomain, joined
from streams.findings.rules import FindingPolicy
from streams.findings.store.names import DOMAINS_KEPT, LABELS_KEPT, WindowNames
from streams.severity import Severity
from tests.findings.samples import hit

words = st.sampled_from(["", "a", "b"])
sayings = st.builds(
    MistakenDomain,
    domain=st.just("army.ml"),
    intended=words,
    slip=words,
    explanation=words,
    score=st.sampled_from([0.1, 0.9]),
    certain=st.booleans(),
    listed=st.booleans(),
    groups=st.sampled_from([(), ("allies",), ("own",), ("allies", "own")]),
)


@given(sayings, sayings, sayings)
def test_sayings_join_in_any_order(one: MistakenDomain, two: MistakenDomain, three: MistakenDomain) -> None:
    assert joined(one, two) == joined(two, one)
    assert joined(joined(one, two), three) == joined(one, joined(two, three))
    assert joined(one, one) == one
    assert joined(joined(one, two), two) == joined(one, two)


def test_the_surer_explanation_stands_and_every_group_is_kept() -> None:
    before = hit(score=0.6, certain=False, explanation="doubtful", group="own").mistaken_domain
    after = hit(score=0.97, explanation="sure", listed=True, group="allies").mistaken_domain
    said = joined(before, after)
    assert (said.explanation, said.score, said.certain, said.listed) == ("sure", 0.97, True, True)
    assert said.groups == ("allies", "own")
    assert hit().mistaken_domain.groups == ()


def test_what_changed_is_told() -> None:
    names, said = WindowNames("desk7@mod.gov.uk"), hit().mistaken_domain
    assert names.add_domain(b"army", said)
    assert not names.add_domain(b"army", said)
    assert names.add_domain(b"army", hit(listed=True).mistaken_domain)
    assert list(names.domains) == [b"army"]


def test_names_are_bounded() -> None:
    names, said = WindowNames(), hit().mistaken_domain
    added = [names.add_domain(number.to_bytes(4), said) for number in range(DOMAINS_KEPT + 1)]
    assert added == [True] * DOMAINS_KEPT + [False]
    assert names.add_domain((0).to_bytes(4), hit(listed=True).mistaken_domain)


def test_labels_are_bounded_but_for_those_that_say_something_of_the_severity() -> None:
    names, policy = WindowNames(), FindingPolicy((), labels={"secret": Severity.HIGH})
    assert names.add_labels([f"label {number}" for number in range(LABELS_KEPT)], policy)
    assert not names.add_labels(["another", "label 1"], policy)
    assert names.add_labels(["another", "SECRET"], policy)
    assert len(names.labels) == LABELS_KEPT + 1
    assert "SECRET" in names.labels
