"""Reads header fields: decodes their values and lists those that carry labels."""

from email.errors import HeaderParseError
from email.header import decode_header, make_header

LABEL_HEADERS = frozenset(
    {
        "sensitivity",
        "keywords",
        "x-protective-marking",
        "x-classification",
        "x-security-classification",
        "msip_labels",
    }
)
"""Names, in lower case, of header fields that carry a protective marking or a sensitivity label."""


def decoded(value: str) -> str:
    """A header field's value with its encoded words (RFC 2047) decoded; returned as it is where they are malformed."""
    if "=?" not in value:
        return value.strip()
    try:
        return str(make_header(decode_header(value))).strip()
    except (HeaderParseError, LookupError, ValueError):
        return value.strip()
