"""Text from a mail can't steer, reorder or repaint a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.events.safe_text import (
    DEEPEST,
    LONGEST_NAME,
    TOO_DEEP,
    clean,
    clean_name,
    clean_values,
    is_unsafe,
    readable_domain,
)
from tests.hostile import SHOW_NOTHING, texts, texts_in, unsafe_in


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
        ("\u0301e", "\\u{301}e"),
        ("\u3164\u115f\u2800", "\\u{3164}\\u{115f}\\u{2800}"),
        ("a\u034f\u180b\ufe0f\U000e0100", "a\\u{34f}\\u{180b}\\u{fe0f}\\u{e0100}"),
        ("שלום", "שלום"),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    assert clean(text) == shown


@given(st.text() | texts)
def test_nothing_unprintable_is_left_and_cleaning_twice_is_cleaning_once(text: str) -> None:
    shown = clean(text)
    assert unsafe_in(shown) == set()
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


@given(st.characters())
def test_one_table_says_what_is_unsafe(character: str) -> None:
    assert not unsafe_in(character) or is_unsafe(character)
    assert is_unsafe(character) == (clean(f"a{character}") not in (f"a{character}", "a "))


def test_what_shows_nothing_is_unsafe() -> None:
    assert [character for character in SHOW_NOTHING if not is_unsafe(character)] == []


@given(texts)
def test_names_are_cut_before_they_are_cleaned(name: str) -> None:
    assert clean_name(name) == clean(name)
    assert clean_name(name + "x" * LONGEST_NAME) == clean((name + "x" * LONGEST_NAME)[: LONGEST_NAME - 1] + "…")


@given(
    st.recursive(
        st.none() | st.integers() | texts,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
        max_leaves=8,
    )
)
def test_every_text_in_a_value_is_cleaned(value: object) -> None:
    shown = clean_values(value)
    assert unsafe_in("".join(texts_in(shown))) == set()
    assert type(shown) is type(value)


def test_what_is_nested_too_deeply_is_left_out() -> None:
    value: list[object] = ["x"]
    for _ in range(5_000):
        value = [value]
    shown = clean_values(value)
    for _ in range(DEEPEST):
        (shown,) = shown
    assert shown == TOO_DEEP
