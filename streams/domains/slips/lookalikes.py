"""Look-alikes: one skeleton for all names that read the same (Unicode UTS 39, and ASCII letters in some fonts)."""

import re
import unicodedata
from functools import cache

from streams import data
from streams.domains.names import a_label, is_label, to_unicode

_ASCII = bytes.maketrans(b"01ij53uycqmb", b"olllsevvegnd")
_latin_letter = re.compile(r"LATIN (?:SMALL LETTER|LETTER SMALL CAPITAL) ([A-Z])(?: WITH .*)?").fullmatch
_PAIRS = (("rn", "m"), ("nn", "m"), ("vv", "w"), ("uu", "w"), ("cl", "d"), ("lk", "k"), ("lc", "k"))


def skeleton(label: str) -> str:
    """A key shared by ASCII labels that look alike. Coarser than the eye, since each match is weighed afterwards."""
    for pair, single in _PAIRS:
        if pair in label:
            label = label.replace(pair, single)
    return label.encode().translate(_ASCII).decode()  # bytes.translate is three times as fast as str.translate


def as_ascii(domain: str) -> str:
    """The ASCII reading of a canonical name: each letter replaced by the ASCII one that it looks like, without marks.

    A label stays an A-label where one of its letters looks like none, or where its reading is not a valid label.
    """
    return ".".join(label if label.isascii() else _label_as_ascii(label) for label in to_unicode(domain).split("."))


def _label_as_ascii(label: str) -> str:
    read = ""
    for char in unicodedata.normalize("NFKD", label):
        letters = char if char.isascii() else _read(char)
        if not letters and char.isalpha():
            return a_label(label)
        read += letters
    return read if all(map(is_label, read.split("."))) else a_label(label)  # some characters read as a dot


@cache
def _read(char: str) -> str:
    """The ASCII characters that one character reads as; empty where there are none."""
    text = unicodedata.normalize("NFKD", _tables().get(char, "")).lower()
    letters = "".join(char for char in text if char.isascii() and (char.isalnum() or char in "-."))
    if not letters and (named := _latin_letter(unicodedata.name(char, ""))):
        letters = named[1].lower()
    return letters


@cache
def _tables() -> dict[str, str]:
    table = {}
    for row in data.rows("confusables.txt"):
        source, _, prototype = row.partition(" ")
        table[chr(int(source, 16))] = "".join(chr(int(code, 16)) for code in prototype.split("+"))
    for row in data.rows("lookalikes.txt"):
        source, _, read = row.partition(" ")
        table[chr(int(source, 16))] = read
    return table
