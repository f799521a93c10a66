"""Slips in one label, by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Prefix

from streams.domains.slips.label import label_slip, letter_moved, other_doubled
from streams.domains.verdict import SLIPS


@pytest.mark.parametrize(
    ("typed", "intended", "slip"),
    [
        ("lockheedmartn", "lockheedmartin", "omission"),
        ("houstonak", "houston-ak", "hyphen-lost"),
        ("fontanak", "fontanaks", "plural-lost"),
        ("lockhedmartin", "lockheedmartin", "double-lost"),
        ("nor-thcollier", "northcollier", "hyphen-added"),
        ("armmy", "army", "repetition"),
        ("toledos", "toledo", "plural"),
        ("stateb", "state", "addition"),
        ("arkmy", "army", "neighbour-insertion"),
        ("arzmy", "army", "insertion"),
        ("amry", "army", "transposition"),
        ("vp27", "vp26", "digit-replacement"),
        ("c0mbi", "combi", "look-alike"),
        ("edinborg", "edinburg", "vowel-replacement"),
        ("aemy", "army", "neighbour-replacement"),
        ("rtate", "state", "bit-flip"),
        ("navydefense", "navydefence", "spelling"),
        ("kolourcolor", "kolourcolour", "spelling"),
        ("portharbour", "portharbor", "spelling"),
        ("artcenter", "artcentre", "spelling"),
        ("organisationx", "organizationx", "spelling"),
        ("travelingfolk", "travellingfolk", "spelling"),
        ("dafence", "defence", "vowel-replacement"),
        ("defemse", "defense", "neighbour-replacement"),
        ("axmy", "army", "replacement"),
    ],
)
def test_label_slip(typed: str, intended: str, slip: str) -> None:
    assert label_slip(typed, intended) == slip
    assert slip in SLIPS


@pytest.mark.parametrize(
    ("typed", "intended", "doubled"),
    [
        ("belllabs", "belllabs", False),
        ("wiilow", "willow", True),
        ("copfee", "coffee", False),
        ("moonn", "mooon", True),
    ],
)
def test_the_letter_beside_may_be_doubled_instead(typed: str, intended: str, doubled: bool) -> None:
    assert other_doubled(typed, intended, Prefix.similarity(typed, intended)) is doubled


@pytest.mark.parametrize(
    ("typed", "intended", "moved"),
    [
        ("googlmeail", "googlemail", True),
        ("oglegomail", "googlemail", False),
        ("clinik", "clinki", True),
        ("linicc", "clinic", True),
        ("clinic", "clinic", False),
        ("clinics", "clinic", False),
        ("cilnci", "clinic", False),
    ],
)
def test_one_letter_comes_too_early_or_too_late(typed: str, intended: str, moved: bool) -> None:
    assert letter_moved(typed, intended) is moved


@given(st.text("abc-1", min_size=2, max_size=9), st.integers(0, 8), st.sampled_from("abcdz-9"))
def test_every_keystroke_has_a_name(label: str, place: int, key: str) -> None:
    at = place % len(label)
    for typed in (label[:at] + label[at + 1 :], label[:at] + key + label[at:], label[:at] + key + label[at + 1 :]):
        if typed != label:
            assert label_slip(typed, label) in SLIPS
