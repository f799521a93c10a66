"""Reads header fields: decodes their values and lists those that carry labels."""

from email.errors import MessageError
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


VALUE_LENGTH = 2_000
"""The most characters of a value that are decoded: a subject of which more is shown is not read by anybody."""


def decoded(value: str, allowed: int = VALUE_LENGTH) -> str:
    """A header field's value with its encoded words (RFC 2047) decoded, at most so many characters of it; as it is
    where they are malformed."""
    value = _shortened(value.strip(), allowed)
    if "=?" not in value:
        return value
    try:
        text = str(make_header(decode_header(value))).strip()
    except (MessageError, LookupError, ValueError):
        return value
    return text.encode("utf-8", "replace").decode()[:allowed]


def _shortened(value: str, allowed: int) -> str:
    """The value without a word that is cut by the limit: half an encoded word can't be decoded."""
    if len(value) <= allowed:
        return value
    start = value[:allowed]
    return start.rpartition(" ")[0] or start
