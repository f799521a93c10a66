"""Words around a name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.domains.slips.affixes import EDGE, SHORTEST_CORE, affix_edges, affix_words, without_affixes


@pytest.mark.parametrize(
    ("label", "core", "known"),
    [
        ("mail-army", "army", True),
        ("army-mail", "army", True),
        ("mailarmy", "army", True),
        ("armymail", "army", True),
        ("myarmy", "army", True),
        ("xyz-army", "army", False),
        ("army-xyz", "army", False),
        ("xy-army-mail", "xy-army", True),
        ("xy-army-mail", "army-mail", False),
    ],
)
def test_what_is_left_without_a_word_before_or_after(label: str, core: str, known: bool) -> None:
    assert (core, known) in set(without_affixes(label))


@pytest.mark.parametrize("label", ["army", "", "a", "mail", "mai"])
def test_nothing_is_left_of_a_name_without_such_a_word(label: str) -> None:
    assert [core for core, known in without_affixes(label) if known and core in affix_words()] == []
    assert list(without_affixes("army")) == []


@given(st.sampled_from(sorted(affix_words())), st.text("abcxyz019", min_size=SHORTEST_CORE, max_size=9))
def test_every_known_word_is_found_by_the_edges_of_a_label(word: str, core: str) -> None:
    before, after = affix_edges()
    joined = [(word + core, before, (word + core)[:EDGE]), (core + word, after, (core + word)[-EDGE:])]
    for label, edges, edge in joined:
        if word in {known for words in edges.values() for known in words}:
            assert word in edges.get(edge, ())
            assert (core, True) in set(without_affixes(label))


@given(st.text("abmilwe-1", max_size=12))
def test_what_is_left_is_part_of_the_label_and_shorter(label: str) -> None:
    for core, known in without_affixes(label):
        assert core in label
        assert len(core) < len(label)
        assert isinstance(known, bool)
