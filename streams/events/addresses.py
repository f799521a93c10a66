"""Mail addresses as events have them: normalised and split. Internationalised domains are left to the scorer."""

from collections.abc import Sequence

from streams.events.address_list import INVISIBLE, AddressReader

ADDRESS_LENGTH = 512
"""The most characters of an address: well over the 320 of RFC 5321, 4.5.3.1, as some relays write longer ones."""

AROUND = " \t\r\n<>"
"""Characters that may surround an address and are not part of it."""
_DOUBTFUL_ENDS = frozenset(AROUND + "@,;:()[]\"'" + INVISIBLE)
"""No domain ends in these, and an ordinary address does not begin with one."""
_USUAL = bytes(code for code in range(128) if chr(code) not in _DOUBTFUL_ENDS or chr(code) == "'")
"""Bytes that a plain address may have anywhere, an apostrophe but within it: most addresses have no others."""


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
    """The addresses in a text without what may stand around them: display names, brackets, comments, quotes, groups,
    source routes (RFC 5322, 3.4; RFC 5321, 4.1.2), commas between several. None where `is_address` says no.

    Local part and domain stay as they are written. Takes time in proportion to the text's length.
    """
    if not is_address(text):
        return []
    found = [address for address in AddressReader().read(text) if is_address(address)]
    return found or [_bare(text.strip(AROUND))]


def is_plain(address: str) -> bool:
    """Whether it can only be the address itself, so that `addresses_in` need not look."""
    return (
        address.count("@") == 1
        and address[0] not in _DOUBTFUL_ENDS
        and address[-1] not in _DOUBTFUL_ENDS
        and " " not in address
        and ":" not in address
    )


def plain_domains(addresses: Sequence[str]) -> list[str] | None:
    """The domain of each of these addresses, as written, where all are plain; None where that isn't certain. A look at
    all of them together costs a fraction of one at each."""
    lines = "\n".join(("", *addresses, ""))
    if not lines.isascii() or lines.encode().translate(None, _USUAL) != b"\n" + b"@\n" * len(addresses):
        return None
    if "'" in lines and ("\n'" in lines or "'\n" in lines):
        return None
    parts = lines.replace("\n", "@").split("@")[1:-1]
    return None if "" in parts else parts[1::2]


def _bare(text: str) -> str:
    """The text without quotes around it or marks at its end, where it is an address then."""
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    bare = text[1:-1].strip(AROUND) if is_quoted else text.rstrip(":,;")
    return bare if is_address(bare) else text
