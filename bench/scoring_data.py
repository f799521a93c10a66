"""The labelled domains of `bench/data`, for measuring and fitting the scorer."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path

from streams.domains.suffixes import suffix_rules
from streams.domains.watchlist.watchlist import nearest

DATA = Path(__file__).parent / "data"
SIZES = (10, 1000, 20000)
PEOPLE = (8, 30)
"""The least number of addresses at a watched domain, in the two watchlists of the people's slips."""
ASIDE = ".ml"
"""Legitimate names under this suffix are counted apart: most of those in the data are free-mail names."""


@dataclass(frozen=True, slots=True)
class Slip:
    """A mistyped domain, the intended one, and the kind of slip (the column `class`)."""

    domain: str
    intended: str
    kind: str


@dataclass(frozen=True, slots=True)
class Legitimate:
    """A real domain of others; `near` where it is within two slips of a watched one, or has the same label."""

    domain: str
    near: bool

    @property
    def aside(self) -> bool:
        return self.domain.endswith(ASIDE)


@dataclass(frozen=True, slots=True)
class Part:
    """The labelled domains for one watchlist, without those that it covers itself.

    `size` is the number of watched domains; `by_people` where people made the slips, among rare domains of others, so
    that slips are as rare as in a stream.
    """

    size: int
    watchlist: Path
    slips: list[Slip]
    legitimate: list[Legitimate]
    by_people: bool = False

    @property
    def domains(self) -> list[str]:
        return [row.domain for row in self.slips] + [row.domain for row in self.legitimate]


def registrable(domain: str) -> str:
    """The registered name in a domain; a private suffix counts as a registered name itself."""
    rules = suffix_rules()
    split = rules.split(domain)
    while split.suffix in rules.private and split.suffix not in rules.icann:
        split = rules.split(split.suffix)
    return split.registrable


def read_part(size: int) -> Part:
    path = DATA / f"scoring_watched_{size}.txt"
    watched = path.read_text().split()
    names = {name for name in watched if "*" not in name}
    wild = tuple(name[1:] for name in watched if "*" in name)

    def covered(domain: str) -> bool:
        return domain in names or domain.endswith(wild)

    def own(domain: str) -> bool:
        return covered(domain) or registrable(domain) in names

    slips = [Slip(row["domain"], row["intended"], row["class"]) for row in _rows("scoring_positives")]
    legitimate = [Legitimate(row["domain"], bool(row["near"])) for row in _rows("scoring_negatives")]
    return Part(
        size,
        path,
        [row for row in slips if covered(row.intended) and not own(row.domain)],
        [row for row in legitimate if not own(row.domain)],
    )


def read_people(least: int) -> Part:
    """The slips that people made for the domains of at least this many addresses: 8 or 30."""
    path = DATA / f"people_watched_{least}.txt"
    watched = frozenset(path.read_text().split())
    slips = [Slip(row["domain"], row["intended"], row["kind"]) for row in _rows("people_slips")]
    others = [Legitimate(row["domain"], near=False) for row in _rows("people_others")]
    return Part(
        len(watched),
        path,
        [row for row in slips if row.intended in watched],
        [row for row in others if nearest(row.domain, watched) is None],
        by_people=True,
    )


def _rows(kind: str) -> list[dict[str, str]]:
    with gzip.open(DATA / f"{kind}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
