"""Slips in one label, by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.domains.slips.keyboards import neighbours
from streams.domains.slips.label import label_slip
from streams.domains.slips.suffix import suffix_slip
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
        ("axmy", "army", "replacement"),
    ],
)
def test_label_slip(typed: str, intended: str, slip: str) -> None:
    assert label_slip(typed, intended) == slip
    assert slip in SLIPS


@pytest.mark.parametrize(
    ("typed", "intended", "slip"),
    [
        ("mil", "mil", "same"),
        ("combd", "com.bd", "suffix-missing-dot"),
        ("ml", "mil", "suffix-omission"),
        ("mill", "mil", "suffix-insertion"),
        ("mli", "mil", "suffix-transposition"),
        ("mio", "mil", "suffix-neighbour"),
        ("gob", "gov", "suffix-neighbour"),
        ("gow", "gov", "suffix-replacement"),
        ("mil.co", "mil", "suffix-appended"),
        ("gov.co.uk", "gov.uk", "suffix-inserted"),
        ("uk", "gov.uk", "suffix-lost"),
        ("gov", "gov.uk", "suffix-lost"),
        ("co.uk", "gov.uk", "suffix-family"),
        ("org", "com", "suffix-family"),
        ("ac.jp", "ac.uk", "suffix-brother"),
        ("biz", "gov", "suffix-swap"),
    ],
)
def test_suffix_slip(typed: str, intended: str, slip: str) -> None:
    assert suffix_slip(typed, intended) == slip
    assert slip in SLIPS or slip == "same"


def test_keys_are_neighbours_both_ways() -> None:
    near = neighbours()
    assert all(key in near[other] for key, others in near.items() for other in others)
    assert {"q", "s"} <= near["a"]
    assert "p" not in near["a"]


@given(st.text("abc-1", min_size=2, max_size=9), st.integers(0, 8), st.sampled_from("abcdz-9"))
def test_every_keystroke_has_a_name(label: str, place: int, key: str) -> None:
    at = place % len(label)
    for typed in (label[:at] + label[at + 1 :], label[:at] + key + label[at:], label[:at] + key + label[at + 1 :]):
        if typed != label:
            assert label_slip(typed, label) in SLIPS
