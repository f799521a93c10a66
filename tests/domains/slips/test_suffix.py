"""Slips in a suffix, by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.domains.slips.suffix import KEYSTROKES, suffix_slip
from streams.domains.verdict import SLIPS


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
        ("comand", "com", "suffix-extended"),
        ("comcom", "com", "suffix-extended"),
        ("mil.co", "mil", "suffix-brother"),
        ("mil.biz", "mil", "suffix-appended"),
        ("com.com", "com", "suffix-repeated"),
        ("co.uk.uk", "co.uk", "suffix-repeated"),
        ("co.uk.co.uk", "co.uk", "suffix-repeated"),
        ("com.co", "com", "suffix-brother"),
        ("xn--com-h0c", "com", "suffix-insertion"),
        ("c", "com", "suffix-lost"),
        ("org.uk", "org", "suffix-brother"),
        ("com.mx", "com", "suffix-brother"),
        ("", "com", "suffix-lost"),
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


SUFFIXES = st.sampled_from(["com", "mil", "gov", "gov.uk", "co.uk", "ac.jp", "com.bd", "org", "ml", "co"])


@given(SUFFIXES | st.text("abcmilo.", min_size=1, max_size=7), SUFFIXES)
def test_every_pair_of_suffixes_has_a_name(typed: str, intended: str) -> None:
    name = suffix_slip(typed, intended)
    assert (name == "same") is (typed == intended)
    assert name == "same" or name in SLIPS


@given(SUFFIXES, st.integers(0, 9), st.sampled_from("abcmilo."))
def test_one_keystroke_is_named_as_such(intended: str, place: int, key: str) -> None:
    at = place % len(intended)
    for typed in (intended[:at] + key + intended[at:], intended[:at] + key + intended[at + 1 :]):
        if typed != intended:
            assert suffix_slip(typed, intended) in KEYSTROKES
