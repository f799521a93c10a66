"""Addresses in texts that leave in the organisation's own name: nobody may write a sentence or a link into them."""

from __future__ import annotations

import re

from streams.events.safe_text import clean_name

_PLAIN_LOCAL_PART = re.compile(
    r"(?!www\.)(?=.{1,64}$)[A-Za-z0-9!#$&'*+=^_~-]+(?:\.[A-Za-z0-9!#$&'*+=^_~-]+)*", re.IGNORECASE
)
"""An atom with dots (RFC 5322, 3.2.3), without characters of links, such as slashes."""


def shown_address(local: str, domain: str) -> str:
    """The address, or its domain alone where the local part is odd."""
    return f"{local}@{clean_name(domain)}" if _PLAIN_LOCAL_PART.fullmatch(local) else clean_name(domain)


def address_parts(address: str) -> tuple[str, str]:
    """The local part and the domain."""
    local, _, domain = address.rpartition("@")
    return local, domain
