"""Descriptions of a mistaken domain are merged in any order."""

from hypothesis import given
from hypothesis import strategies as st

from streams.events.dns_facts import DnsFacts
from streams.events.mistaken_domain import MistakenDomain, joined
from tests.findings.samples import hit

words = st.sampled_from(["", "a", "b"])
facts = st.builds(DnsFacts, st.integers(0, 2), st.sampled_from(["mx", "none"]), st.just("army.ml"), mx=words.map(list))
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
    dns=st.none() | facts,
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


def test_what_dns_said_last_is_kept() -> None:
    before, after = DnsFacts(1, "unowned", "army.ml"), DnsFacts(2, "mx", "army.ml", ["mx.army.ml"])
    joined_later = joined(hit(dns=after).mistaken_domain, hit(score=0.99, dns=before).mistaken_domain)
    assert joined_later.dns == after
    assert joined(hit(dns=before).mistaken_domain, hit(score=0.99).mistaken_domain).dns == before
