"""Text from a mail can't steer, reorder or repaint a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.events.safe_text import clean, readable_domain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("army.ml", "army.ml"),
        ("Itinéraire à Mons", "Itinéraire à Mons"),
        ("\x1b[2Jgone", "\\u{1b}[2Jgone"),
        ("a\nb\tc\r", "a\\u{a}b\\u{9}c\\u{d}"),
        ("\x9b31m", "\\u{9b}31m"),
        ("\u202egnp.exe", "\\u{202e}gnp.exe"),
        ("mail\u200b.mil", "mail\\u{200b}.mil"),
        ("\ud800", "\\u{d800}"),
        ("a\u2028b", "a\\u{2028}b"),
        ("a\u00a0b", "a b"),
        ("e\u0301", "e\u0301"),
        ("e" + "\u0301" * 4, "e" + "\u0301" * 2 + "\\u{301}" * 2),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    assert clean(text) == shown


@given(st.text())
def test_nothing_unprintable_is_left_and_cleaning_twice_is_cleaning_once(text: str) -> None:
    shown = clean(text)
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert clean(shown) == shown


@pytest.mark.parametrize(
    ("domain", "shown"),
    [
        ("army.mil", "army.mil"),
        ("xn--nto-6cd.int", "n\u0430to.int"),
        ("xn--\u00e9.int", "xn--\u00e9.int"),
        ("xn--a-qgn.example", "a\\u{200b}.example"),
        ("xn--99999999.int", "xn--99999999.int"),
    ],
)
def test_readable_domains(domain: str, shown: str) -> None:
    assert readable_domain(domain) == shown


@given(st.text(alphabet=st.characters(codec="ascii"), max_size=80))
def test_any_domain_is_readable(domain: str) -> None:
    assert clean(readable_domain("xn--" + domain)) == readable_domain("xn--" + domain)
