"""The names of a window are merged in any order."""

from hypothesis import given
from hypothesis import strategies as st

from streams.events.mistaken_domain import MistakenDomain, joined
from streams.findings.rules import FindingPolicy
from streams.findings.store.names import DOMAINS_KEPT, LABELS_KEPT, WindowNames
from streams.severity import Severity
from tests.findings.samples import hit

words = st.sampled_from(["", "a", "b"])
descriptions = st.builds(
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


@given(descriptions, descriptions, descriptions)
def test_descriptions_join_in_any_order(one: MistakenDomain, two: MistakenDomain, three: MistakenDomain) -> None:
    assert joined(one, two) == joined(two, one)
    assert joined(joined(one, two), three) == joined(one, joined(two, three))
    assert joined(one, one) == one
    assert joined(joined(one, two), two) == joined(one, two)


def test_the_surer_explanation_and_every_group_are_kept() -> None:
    before = hit(score=0.6, certain=False, explanation="doubtful", group="own").mistaken_domain
    after = hit(score=0.97, explanation="sure", listed=True, group="allies").mistaken_domain
    domain = joined(before, after)
    assert (domain.explanation, domain.score, domain.certain, domain.listed) == ("sure", 0.97, True, True)
    assert domain.groups == ("allies", "own")
    assert hit().mistaken_domain.groups == ()


def test_adding_a_domain_returns_whether_it_changed_anything() -> None:
    names, domain = WindowNames("desk7@mod.gov.uk"), hit().mistaken_domain
    assert names.add_domain(b"army", domain)
    assert not names.add_domain(b"army", domain)
    assert names.add_domain(b"army", hit(listed=True).mistaken_domain)
    assert list(names.domains) == [b"army"]


def test_names_are_bounded() -> None:
    names, domain = WindowNames(), hit().mistaken_domain
    added = [names.add_domain(number.to_bytes(4), domain) for number in range(DOMAINS_KEPT + 1)]
    assert added == [True] * DOMAINS_KEPT + [False]
    assert names.add_domain((0).to_bytes(4), hit(listed=True).mistaken_domain)


def test_labels_are_bounded_except_for_those_with_a_minimum_severity() -> None:
    names, policy = WindowNames(), FindingPolicy((), labels={"secret": Severity.HIGH})
    assert names.add_labels([f"label {number}" for number in range(LABELS_KEPT)], policy)
    assert not names.add_labels(["another", "label 1"], policy)
    assert names.add_labels(["another", "SECRET"], policy)
    assert len(names.labels) == LABELS_KEPT + 1
    assert "SECRET" in names.labels
