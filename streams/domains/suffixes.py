"""Public suffixes: where the registered name in a domain name begins (publicsuffix.org, ICANN and private part)."""

from functools import cache, lru_cache
from typing import NamedTuple

from streams import data

NO_CLASS = "none"
"""The class of a suffix under which no names are registered."""


class Split(NamedTuple):
    """A name in three parts: `sub` has any number of labels; `label` is empty where the name is itself a suffix."""

    sub: str
    label: str
    suffix: str

    @property
    def registrable(self) -> str:
        """The registered name: label and suffix."""
        return f"{self.label}.{self.suffix}" if self.label else self.suffix


class SuffixRules:
    """The rules of the public suffix list, as sets. A name that no rule covers has its last label as its suffix."""

    def __init__(self, icann: list[str], private: list[str]) -> None:
        self.icann = frozenset(rule for rule in icann if rule[0] not in "*!")
        self.private = frozenset(rule for rule in private if rule[0] not in "*!")
        self.plain = self.icann | self.private
        self.wild = frozenset(rule[2:] for rule in icann + private if rule.startswith("*."))
        self.exceptions = frozenset(rule[1:] for rule in icann + private if rule.startswith("!"))

    def suffix(self, domain: str) -> str:
        """The longest public suffix of a canonical name."""
        plain, wild = self.plain, self.wild
        rest = domain
        while rest not in plain:
            _, dot, parent = rest.partition(".")
            if not dot:
                return rest
            if parent in wild:
                return parent if rest in self.exceptions else rest
            rest = parent
        return rest

    def split(self, domain: str) -> Split:
        """A canonical name split at its suffix; a private suffix (`github.io`) itself counts as a registered name."""
        return Split(*self.parts(domain))

    def parts(self, domain: str) -> tuple[str, str, str]:
        """The parts of `split` as a plain tuple, which takes half the time."""
        first, _, rest = domain.partition(".")
        if rest and "." not in rest and domain not in self.plain and rest not in self.wild:
            return "", first, rest
        suffix = self.suffix(domain)
        if suffix == domain and suffix in self.private:
            suffix = self.suffix(rest)
        if suffix == domain:
            return "", "", domain
        sub, _, label = domain[: -len(suffix) - 1].rpartition(".")
        return sub, label, suffix

    def exists(self, suffix: str) -> bool:
        """Whether names are registered under this suffix."""
        if suffix in self.plain or suffix in self.wild:
            return True
        return suffix.partition(".")[2] in self.wild and suffix not in self.exceptions


@cache
def suffix_rules() -> SuffixRules:
    """The rules shipped with the package, read once."""
    text = data.read("public_suffixes.txt")
    icann, _, private = text.partition("# PRIVATE\n")
    return SuffixRules([line for line in icann.split("\n") if line and line[0] != "#"], private.split())


@cache
def private_use() -> frozenset[str]:
    """The last labels of names that no registry has: networks use them for themselves (`intel.local`)."""
    return frozenset(data.rows("private_use.txt"))


@lru_cache(50_000)
def suffix_class(suffix: str) -> str:
    """The class of a suffix: its name if it is a large generic one, else by who may register there and how freely."""
    rules = suffix_rules()
    if not rules.exists(suffix):
        return NO_CLASS
    classes = _classes()
    if known := classes.get(suffix):
        return known
    if suffix in rules.private:
        return "private"
    first, dot, _ = suffix.partition(".")
    if dot:
        return "country's " + classes.get(first + ".", "other")
    return "country" if len(suffix) == 2 or suffix.startswith("xn--") else "new"


@cache
def _classes() -> dict[str, str]:
    table = {}
    for row in data.rows("suffix_classes.txt"):
        name, *suffixes = row.split()
        table.update(dict.fromkeys(suffixes, name))
    return table
