"""What is at stake where mail for a domain strays: its class, by its suffix, by the words of its name, by the shipped
lists of banks and of free mail, and by what the organisation calls its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache

from streams import data
from streams.domains.own_domains import OwnDomains
from streams.domains.suffixes import Split, suffix_rules
from streams.domains.watchlist.default_groups import DOMAIN_CLASSES, DomainClass

Words = dict[tuple[str, str], frozenset[str]]
"""The words of a class, by class and kind."""


class Stakes:
    """Classes of domains. Raises ConfigurationError for an own domain that is not a domain name."""

    def __init__(self, own_domains: Iterable[str] = ()) -> None:
        self._own = OwnDomains(own_domains)

    def class_of(self, domain: str) -> DomainClass | None:
        """The class of a canonical name; None for a domain of no class."""
        split = suffix_rules().split(domain)
        return next((name for name in DOMAIN_CLASSES if self._is_of(name, domain, split)), None)

    def _is_of(self, name: DomainClass, domain: str, split: Split) -> bool:
        if name == "own":
            return bool(self._own) and domain in self._own
        if name == "free-mail":
            return split.registrable in _list("free_mail.txt")
        if name == "finance" and split.registrable in _list("banks.txt"):
            return True
        return any(_IS_WRITTEN[kind](domain, split, words) for kind, words in _words_of(name))


def _has_suffix(domain: str, split: Split, suffixes: frozenset[str]) -> bool:
    """Whether the name is one of these or under one of them, or under one that a country's suffix follows."""
    labels = split.suffix.split(".")
    if len(labels) > 1 and f"{labels[-2]}." in suffixes:
        return True
    above = domain.split(".")
    return any(".".join(above[start:]) in suffixes for start in range(len(above)))


def _is_body(domain: str, split: Split, words: frozenset[str]) -> bool:
    return _has_suffix(domain, split, _table()["government", "suffix"]) and _is_named(domain, split, words)


def _is_named(_domain: str, split: Split, words: frozenset[str]) -> bool:
    return not words.isdisjoint([split.label, *split.label.split("-")])


def _ends_with(_domain: str, split: Split, words: frozenset[str]) -> bool:
    return split.label.endswith(tuple(words))


_IS_WRITTEN: dict[str, Callable[[str, Split, frozenset[str]], bool]] = {
    "suffix": _has_suffix,
    "body": _is_body,
    "name": _is_named,
    "ending": _ends_with,
}


def _words_of(name: str) -> Iterator[tuple[str, frozenset[str]]]:
    return ((kind, words) for (of, kind), words in _table().items() if of == name)


@cache
def _table() -> Words:
    found: dict[tuple[str, str], set[str]] = {}
    for row in data.rows("domain_classes.txt"):
        name, kind, *words = row.split()
        found.setdefault((name, kind), set()).update(words)
    return {key: frozenset(words) for key, words in found.items()}


@cache
def _list(name: str) -> frozenset[str]:
    return frozenset(data.rows(name))
