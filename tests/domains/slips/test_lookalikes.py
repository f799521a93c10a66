"""Look-alikes, of ASCII and beyond."""

import pytest

from streams.domains.names import canonical
from streams.domains.slips.lookalikes import as_ascii, skeleton


@pytest.mark.parametrize(
    ("one", "other"),
    [("rnail", "mail"), ("c0mbi", "combi"), ("1ockheed", "lockheed"), ("vvikipedia", "wikipedia"), ("clod", "dod")],
)
def test_look_alikes_share_a_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("\N{CYRILLIC SMALL LETTER A}rmy.mil", "army.mil"),
        ("st\N{LATIN SMALL LETTER A WITH ACUTE}te.gov", "state.gov"),
        ("\N{LATIN LETTER SMALL CAPITAL K}raft.com", "kraft.com"),
        ("a\N{LATIN SMALL LETTER R WITH FISHHOOK}my.mil", "army.mil"),
        ("b\N{LATIN SMALL LETTER SCHWA}st.gov", "best.gov"),
        ("\N{CJK UNIFIED IDEOGRAPH-8ECD}.mil", "xn--3z3a.mil"),
        ("army.mil", "army.mil"),
    ],
)
def test_ascii_reading(text: str, read: str) -> None:
    assert as_ascii(canonical(text)) == read
