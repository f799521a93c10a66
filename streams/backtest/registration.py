"""Whether one could register a mistaken domain, and what to do about it first. Nothing is asked of DNS or anybody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from streams.backtest.domains import DomainStory
from streams.domains.suffixes import suffix_rules

Registration = Literal["open", "restricted", "none"]
RESTRICTED_TLDS = frozenset({"mil", "gov", "edu", "int", "arpa"})
"""Top-level domains whose registries take names of certain bodies alone."""
RESTRICTED_LABELS = frozenset({"mil", "gov", "gob", "gouv", "gv", "govt", "go", "edu", "ac"})
"""The same below a country's domain, such as gov.uk or gob.mx."""

WORDS: dict[Registration, str] = {
    "open": "open to anybody, if free",
    "restricted": "for certain bodies alone",
    "none": "no such suffix exists",
}


@dataclass(frozen=True, slots=True)
class Leak:
    """A mistaken domain with what to do; `registrable` is the name to register, which may be above the domain."""

    story: DomainStory
    registrable: str
    registration: Registration
    advice: str


def registration(domain: str) -> tuple[str, Registration]:
    """The name that somebody registers and whether anybody can, by its suffix."""
    rules = suffix_rules()
    split = rules.split(domain)
    if not rules.exists(split.suffix):
        return split.registrable, "none"
    labels = split.suffix.split(".")
    if labels[-1] in RESTRICTED_TLDS or (len(labels) > 1 and labels[0] in RESTRICTED_LABELS):
        return split.registrable, "restricted"
    return split.registrable, "open"


def ranked(stories: Iterable[DomainStory]) -> list[Leak]:
    """The leaks, those first of which most was surely delivered, then of which most may have been."""
    return [_leak(story) for story in sorted(stories, key=_rank)]


def _rank(story: DomainStory) -> tuple[int, int, int, str]:
    at_risk = len(story.mails) - story.undelivered
    return -story.delivered, -at_risk, -len(story.recipients), story.domain


def _leak(story: DomainStory) -> Leak:
    registrable, how = registration(story.domain)
    return Leak(story, registrable, how, _advice(story, how))


def _advice(story: DomainStory, how: Registration) -> str:
    if how == "none" and story.delivered:
        return (
            "Block it at the gateway. A relay of ours took this mail though no such domain can exist: look where it is."
        )
    if how == "none":
        return "Block it at the gateway, so that senders are told at once; it can't take mail."
    if story.delivered:
        return "Block it at the gateway now: a server takes mail there. Then find out whose it is."
    if how == "restricted":
        return "Block it at the gateway; only its registry could give it away."
    return "Register it if it is free, or block it at the gateway."
