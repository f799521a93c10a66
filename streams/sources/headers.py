"""Values of header fields as text."""

from email.errors import HeaderParseError
from email.header import decode_header, make_header


def decoded(value: str) -> str:
    """A header field's value with its encoded words (RFC 2047) decoded; what can't be stays as it is."""
    if "=?" not in value:
        return value.strip()
    try:
        return str(make_header(decode_header(value))).strip()
    except (HeaderParseError, LookupError, ValueError):
        return value.strip()
