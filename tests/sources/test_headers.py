"""Header fields."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.sources.headers import LABEL_HEADERS, decoded, read_fields


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


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        (b"To: a@b\nCC: c@d\n", [("to", "a@b"), ("cc", "c@d")]),
        (b"To: a@b,\r\n\tc@d\r\n e@f\r\n", [("to", "a@b,\tc@d e@f")]),
        (b"To:\n a@b\n", [("to", "a@b")]),
        (b"To : a@b\nCc:c@d", [("to", "a@b"), ("cc", "c@d")]),
        (b"To: a@b\nbroken\n line\nCc: c@d", [("to", "a@b"), ("cc", "c@d")]),
        (b">From x\nTo: a@b", [("to", "a@b")]),
        (b"\xef\xbb\xbfTo: a@b", [("to", "a@b")]),
        (b"To: a@b\r\r\nCc: c@d\r\r\n", [("to", "a@b"), ("cc", "c@d")]),
        (b"To: a@b\x0bx\x85\nCc: c@d", [("to", "a@b\x0bx\ufffd"), ("cc", "c@d")]),
        ("To: \u00fc@b".encode(), [("to", "\u00fc@b")]),
        (b" a: b\n\x00\x01 no header", []),
    ],
)
def test_no_line_loses_another_field(header: bytes, fields: list[tuple[str, str]]) -> None:
    assert read_fields(header) == fields
