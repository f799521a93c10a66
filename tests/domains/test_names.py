"""Names: one canonical form for every spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.domains.names import canonical, to_unicode
from streams.errors import MalformedDomain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("army.mil", "army.mil"),
        ("ARMY.Mil.", "army.mil"),
        ("  army.mil\n", "army.mil"),
        ("jane.doe@Army.mil", "army.mil"),
        ("a@b@army.mil", "army.mil"),
        ("b\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.de", "xn--bcher-kva.de"),
        ("B\N{LATIN CAPITAL LETTER U WITH DIAERESIS}CHER.DE", "xn--bcher-kva.de"),
        ("XN--BCHER-KVA.de", "xn--bcher-kva.de"),
        ("army\N{IDEOGRAPHIC FULL STOP}mil", "army.mil"),
        ("\N{FULLWIDTH LATIN SMALL LETTER A}rmy.mil", "army.mil"),
        ("localhost", "localhost"),
        ("_dmarc.army.mil", "_dmarc.army.mil"),
    ],
)
def test_canonical(text: str, expected: str) -> None:
    assert canonical(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("jane@", "empty"),
        ("army..mil", "two dots in a row"),
        (".mil", "begins with a dot"),
        ("-army.mil", "hyphen"),
        ("army-.mil", "hyphen"),
        ("ar my.mil", "character"),
        ("army/x.mil", "character"),
        (f"{'a' * 64}.mil", "label is longer"),
        (f"{'a.' * 130}mil", "longer than 253"),
        (f"{'a' * 1_000_000}.mil", "longer than 253"),
        ("\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 100 + ".mil", "longer than 253"),
        ("\N{LATIN SMALL LETTER U WITH DIAERESIS}" * 60 + ".mil", "label is longer"),
        ("192.0.2.1", "IP address"),
        ("[192.0.2.1]", "character"),
        ("army\N{REPLACEMENT CHARACTER}.mil", "not allowed"),
    ],
)
def test_malformed(text: str, reason: str) -> None:
    with pytest.raises(MalformedDomain, match="is not a domain name: ") as caught:
        canonical(text)
    assert reason in caught.value.reason


@given(st.text())
def test_any_text_is_a_name_or_a_clear_error(text: str) -> None:
    try:
        name = canonical(text)
    except MalformedDomain:
        return
    assert canonical(name) == name
    assert name.isascii()
    assert name == name.lower()


def test_both_forms_of_an_international_name_are_one() -> None:
    name = canonical("st\N{LATIN SMALL LETTER A WITH ACUTE}te.gov")
    assert canonical(to_unicode(name)) == name
    assert to_unicode(name) == "st\N{LATIN SMALL LETTER A WITH ACUTE}te.gov"


def test_a_label_that_cannot_be_decoded_stays() -> None:
    assert to_unicode("xn--\x7f.gov") == "xn--\x7f.gov"
    assert to_unicode("xn--99999999.gov") == "xn--99999999.gov"
