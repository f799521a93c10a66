"""Descriptions of a mistaken domain are merged in any order."""

from hypothesis import given
from hypothesis import strategies as st

from streams.events.mistaken_domain import MistakenDomain, joined
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
