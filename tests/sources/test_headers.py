"""Header fields."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.sources.headers import LABEL_HEADERS, decoded


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (" Plan ", "Plan"),
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?utf-8?b?R3LDvMOfZQ==?= aus =?iso-8859-1?q?K=F6ln?=", "Grüße aus Köln"),
        ("=?nosuch?q?a?=", "=?nosuch?q?a?="),
        ("=?utf-8\u0167?q?a?=", "=?utf-8\u0167?q?a?="),
        ("=?utf-8?b?a?=", "=?utf-8?b?a?="),
        ("a =? b", "a =? b"),
    ],
)
def test_encoded_words_are_decoded_where_they_can_be(value: str, expected: str) -> None:
    assert decoded(value) == expected


@given(st.text())
def test_any_value_has_a_text(value: str) -> None:
    assert isinstance(decoded(f"=?{value}"), str)


def test_label_headers_are_in_lower_case() -> None:
    assert {name.lower() for name in LABEL_HEADERS} == LABEL_HEADERS
