"""Mail addresses as events have them: normalised and split. Internationalised domains are left to the scorer."""

import re
from collections.abc import Iterator

ADDRESS_LENGTH = 512
"""The most characters of an address: well over the 320 of RFC 5321, 4.5.3.1, as some relays write longer ones."""

AROUND = " \t\r\n<>"
"""Characters that may surround an address and are not part of it."""
_QUOTED = r'"(?:[^"\\]|\\.)*+"?'
_PART = re.compile(rf"(?:{_QUOTED}|<(?:{_QUOTED}|[^\">])*+>?|\((?:[^)\\]|\\.)*+\)?|[^,;])++", re.DOTALL)
"""A quoted string may have quotes in it, with a backslash before them (RFC 5322, 3.2.4). What is never closed ends with
the text."""
DOUBTFUL_ENDS = AROUND + "@,;:()\"'"
"""No domain ends in these. A text that does, or that has other than one @, may be more than an address."""


def normalise_address(address: str) -> str:
    """The address in lower case, without surrounding blanks and angle brackets; empty for a bounce's sender (`<>`)."""
    return address.strip(AROUND).lower()


def domain_of(address: str) -> str:
    """The part after the last @, normalised like an address; the whole text if it has no @."""
    return address.rpartition("@")[2].strip(AROUND).lower()


def is_address(address: str) -> bool:
    """Whether the text has an @, and a domain after the last one."""
    return "@" in address and address.strip(AROUND)[-1] != "@"


def addresses_in(text: str) -> list[str]:
    """The addresses in a text without what may stand around them: display names, angle brackets, comments, quotes,
    source routes (RFC 5322, 3.4; RFC 5321, 4.1.2), commas between several. None where `is_address` says no.

    Local part and domain stay as they are written. Takes time in proportion to the text's length.
    """
    if not is_address(text):
        return []
    parts = _split(_without_route(text))
    found = [address for part in parts for address in _bare(part) if is_address(address)]
    return found or [text.strip(AROUND)]


def _without_route(text: str) -> str:
    """`@relay,@other:jo@army.mil` names relays that the mail was to pass."""
    address = text.strip(AROUND)
    return address[address.rfind(":") + 1 :] if address.startswith("@") and ":" in address else text


def _split(text: str) -> Iterator[str]:
    """The parts between commas and semicolons that stand outside quotes, angle brackets and comments."""
    return (part[0] for part in _PART.finditer(text))


def _bare(part: str) -> list[str]:
    """The address of a part; the addresses, where blanks alone stand between them."""
    address = _without_comments(part.strip())
    if address.endswith(">") and "@" in (inner := address[address.rfind("<") + 1 : -1]):
        address = inner
    address = address.strip(AROUND)
    if len(address) > 1 and address[0] == address[-1] and address[0] in "\"'":
        address = address[1:-1].strip(AROUND)
    words = [] if '"' in address else [word for word in address.split() if is_address(word)]
    return words if len(words) > 1 else [address]


def _without_comments(text: str) -> str:
    """Without the comments at its end, which may have others in them."""
    while text.endswith(")"):
        depth, at = 0, len(text)
        while at and (depth or at == len(text)):
            at -= 1
            depth += {")": 1, "(": -1}.get(text[at], 0)
        if depth:
            return text
        text = text[:at].rstrip()
    return text
