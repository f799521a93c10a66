"""Reads headers: splits them into fields, decodes their values and lists those that carry labels."""

import re
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


Fields = list[tuple[str, str]]
"""Names in lower case and unfolded values, in the order of the header."""
_FIELD = re.compile(rb"([!-9;-~]++)[ \t]*+:(.*)", re.DOTALL)
_CUT_WORD = re.compile(r"(?<!\S)=\?[\w*-]*+(?:\?[bq]?(?:\?[^?\s]*+\??)?)?\Z", re.IGNORECASE)
_MARK = b"\xef\xbb\xbf"

VALUE_LENGTH = 2_000
"""The most characters of a value that are decoded: a subject of which more is shown is not read by anybody."""


def read_fields(header: bytes) -> Fields:
    """The fields of a header. A line that is none is skipped, with what continues it: the standard library's parser, by
    its version, ends the header there. Bytes beyond ASCII are read as UTF-8, invalid ones become U+FFFD.
    """
    fields: list[tuple[bytes, list[bytes]]] = []
    parts: list[bytes] | None = None
    for line in header.removeprefix(_MARK).replace(b"\r", b"\n").split(b"\n"):
        if line[:1] in (b" ", b"\t"):
            if parts is not None:
                parts.append(line)
        elif found := _FIELD.fullmatch(line):
            parts = [found[2]]
            fields.append((found[1], parts))
        elif line:
            parts = None
    return [(name.decode("ascii").lower(), b"".join(parts).decode(errors="replace").strip()) for name, parts in fields]


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


def without_cut_word(value: str) -> str:
    """A value of which a log has only the beginning, without an encoded word that is cut."""
    return _CUT_WORD.sub("", value).rstrip()


def _shortened(value: str, allowed: int) -> str:
    """The value without a word that is cut by the limit: half an encoded word can't be decoded."""
    if len(value) <= allowed:
        return value
    start = value[:allowed]
    return start.rpartition(" ")[0] or start
