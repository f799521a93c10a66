"""Who could register a name, judged by its suffix alone. Nothing is looked up."""

from __future__ import annotations

from typing import Literal

from streams.domains.suffixes import suffix_rules

Registration = Literal["open", "restricted", "none"]
DESCRIPTIONS: dict[Registration, str] = {
    "open": "open to anybody, if free",
    "restricted": "only for certain organisations",
    "none": "no such suffix exists",
}

RESTRICTED_TLDS = frozenset({"mil", "gov", "edu", "int", "arpa"})
"""Top-level domains in which only certain organisations can register names."""
RESTRICTED_LABELS = frozenset({"mil", "gov", "gob", "gouv", "gv", "govt", "go", "edu", "ac"})
"""Second-level labels with the same restriction below a country code, such as gov.uk or gob.mx."""


def registration(domain: str) -> tuple[str, Registration]:
    """The registrable name that the domain belongs to, and who can register it, by its suffix."""
    rules = suffix_rules()
    split = rules.split(domain)
    if not rules.exists(split.suffix):
        return split.registrable, "none"
    labels = split.suffix.split(".")
    if labels[-1] in RESTRICTED_TLDS or (len(labels) > 1 and labels[0] in RESTRICTED_LABELS):
        return split.registrable, "restricted"
    return split.registrable, "open"
