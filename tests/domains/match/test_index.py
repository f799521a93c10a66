"""The index: look-ups find the same names as a scan of the watchlist."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from streams.domains.match.index import FEW_WATCHED, SHORTEST_AMONG_FEW, SHORTEST_FOR_TWO, Index, SuffixGroup
from streams.domains.slips.lookalikes import skeleton

LABELS = st.text("ab-1", min_size=1, max_size=7)


@given(st.sets(LABELS, max_size=30), LABELS)
def test_every_label_one_slip_away_is_found_and_no_other(watched: set[str], typed: str) -> None:
    near = SuffixGroup("com", watched, wild=False).one_slip(typed)
    assert sorted(near) == sorted(label for label in watched if OSA.distance(typed, label) == 1)


@given(st.sets(LABELS, max_size=30), LABELS)
def test_every_look_alike_is_found_and_no_other(watched: set[str], typed: str) -> None:
    found = SuffixGroup("com", watched, wild=False).look_alikes(typed, skeleton(typed))
    assert sorted(found) == sorted(near for near in watched - {typed} if skeleton(near) == skeleton(typed))


@given(st.sets(st.text("abc", min_size=9, max_size=16), max_size=30), st.integers(0, 15), st.integers(0, 15))
def test_two_replaced_letters_are_found(watched: set[str], one: int, other: int) -> None:
    group = SuffixGroup("com", watched, wild=False)
    for label in watched:
        trigrams = list(label)
        trigrams[one % len(label)] = trigrams[other % len(label)] = "x"
        found = group.two_slips("".join(trigrams), limit=len(watched))
        assert label in found
        assert found == group.two_slips("".join(trigrams), limit=len(watched))


@given(st.sets(st.text("abc", min_size=5, max_size=12), max_size=30), st.text("abcx", min_size=4, max_size=12))
def test_two_slips_in_short_labels_are_found_where_names_are_few(watched: set[str], typed: str) -> None:
    found = SuffixGroup("gov", watched, wild=False).two_slips(typed, limit=len(watched))
    short = {label for label in watched if len(label) < SHORTEST_FOR_TWO and OSA.distance(typed, label) <= 2}
    if len(typed) < SHORTEST_AMONG_FEW["gov"]:
        assert found == []
    elif typed in watched:
        assert short - {typed} <= set(found)
    else:
        assert short <= set(found)
    assert all(OSA.distance(typed, label) <= 2 for label in found)


def test_two_slips_in_short_labels_are_not_found_where_names_are_many() -> None:
    many = {f"made{number}" for number in range(FEW_WATCHED)}
    assert SuffixGroup("gov", {"state"}, wild=False).two_slips("sta5ee", limit=5) == ["state"]
    assert SuffixGroup("gov", {"state"}, wild=False).two_slips("tsa5te", limit=5) == ["state"]
    assert SuffixGroup("gov", {"state", *many}, wild=False).two_slips("tsa5te", limit=5) == []
    assert SuffixGroup("int", {"nato"}, wild=False).two_slips("wto", limit=5) == []


def test_two_slips_in_short_labels_are_found_everywhere_where_the_first_letter_is_right() -> None:
    group = SuffixGroup("com", {"state", "army"}, wild=False)
    assert group.two_slips("sta5ee", limit=5) == ["state"]
    assert group.two_slips("rtaqe", limit=5) == []
    assert group.two_slips("arqqy", limit=5) == []
    assert group.two_slips("state", limit=5) == []


def test_two_slips_finds_at_most_limit_labels_the_nearest_first() -> None:
    group = SuffixGroup("com", {"lockheedmartin", "lockheedmartinx", "lockheedmartinxy"}, wild=False)
    assert group.two_slips("lockheedmartinxyz", limit=5) == ["lockheedmartinxy", "lockheedmartinx"]
    assert group.two_slips("lockheedmartinxyz", limit=1) == ["lockheedmartinxy"]


def test_known_names_are_indexed_under_a_suffix_that_is_watched_as_a_whole() -> None:
    index = Index(["*.mil", "army.mil", "example.mil"])
    assert {"army", "navy", "example"} <= index.groups["mil"].labels
    assert "navy" in index.groups["mil"].known
    assert "army" not in index.groups["mil"].known
    assert index.times_watched("navy") == 1


def test_subdomains_are_indexed_by_their_registered_name() -> None:
    index = Index(["hq.acme.com", "acme.com", "lab.other.com"])
    assert index.hosts["acme.com"].labels == {"hq"}
    assert index.roots == {"acme.com"}
    assert index.group("com").labels == {"acme", "other"}
    assert index.group("other.com").labels == {"lab"}
    assert index.squeezed["labothercom"] == "lab.other.com"
