"""Mail addresses as events have them: normalised and split. Internationalised domains are left to the scorer."""

ADDRESS_LENGTH = 512
"""The most characters of an address: well over the 320 of RFC 5321, 4.5.3.1, as some relays write longer ones."""

AROUND = " \t\r\n<>"
"""Characters that may surround an address and are not part of it."""
DOUBTFUL_ENDS = AROUND + "@"
"""Last characters with which a text may have no domain: `is_address` decides."""


def normalise_address(address: str) -> str:
    """The address in lower case, without surrounding blanks and angle brackets; empty for a bounce's sender (`<>`)."""
    return address.strip(AROUND).lower()


def domain_of(address: str) -> str:
    """The part after the last @, normalised like an address; the whole text if it has no @."""
    return address.rpartition("@")[2].strip(AROUND).lower()


def is_address(address: str) -> bool:
    """Whether the text has an @, and a domain after the last one."""
    return "@" in address and address.strip(AROUND)[-1] != "@"
