"""Mail addresses, as far as the events need them. Internationalised domains are left to the scorer."""

ADDRESS_LENGTH = 512
"""Characters that an address may have: well over the 320 of RFC 5321, 4.5.3.1; some relays write longer ones."""

AROUND = " \t\r\n<>"
"""What may stand around an address and is no part of it."""
ODD_END = AROUND + "@"


def normalise_address(address: str) -> str:
    """Lower case, without blanks and angle brackets around it; an empty string is the sender of a bounce (`<>`)."""
    return address.strip(AROUND).lower()


def domain_of(address: str) -> str:
    """What stands after the last @, normalised as the address is; the whole of a text without one."""
    return address.rpartition("@")[2].strip(AROUND).lower()


def is_address(address: str) -> bool:
    """Whether it has an @ and something after the last one."""
    return "@" in address and address.strip(AROUND)[-1] != "@"
