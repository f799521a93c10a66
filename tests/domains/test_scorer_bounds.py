"""The cost of hostile domains: a sender may write any domain, and none costs a hundred times a typical one."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import suppress
from statistics import median

import pytest

from bench.scoring_data import read_part
from streams.domains.scorer import Scorer
from streams.errors import MalformedDomain
from tests.domains.scorers import scorer_of

pytestmark = pytest.mark.fuzz

IDEOGRAPHS = "".join(map(chr, range(0x4E00, 0x5600)))
CYRILLIC = (
    "\N{CYRILLIC SMALL LETTER A}\N{CYRILLIC SMALL LETTER IE}\N{CYRILLIC SMALL LETTER O}\N{CYRILLIC SMALL LETTER ER}"
)
LIGATURE = "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}"
"""Maps to eighteen characters."""


def text_of(chance: random.Random, alphabet: str, length: int) -> str:
    return "".join(chance.choices(alphabet, k=length))


WORST: dict[str, Callable[[random.Random], str]] = {
    "expanding": lambda r: "".join(r.choice(IDEOGRAPHS) + LIGATURE for _ in range(126)) + ".ml",
    "a-long-label": lambda r: f"{text_of(r, IDEOGRAPHS, 59)}.ml",
    "as-long-as-a-name": lambda r: f"{text_of(r, IDEOGRAPHS, 250)}.ml",
    "labels-of-ideographs": lambda r: ".".join(text_of(r, IDEOGRAPHS, 17) for _ in range(4)) + ".ml",
    "look-alike-letters": lambda r: f"{text_of(r, CYRILLIC, 50)}.ml",
    "a-labels": lambda r: ".".join(f"xn--{text_of(r, 'abcdefgh0123', 7)}" for _ in range(20)) + ".ml",
    "marks": lambda r: "a" + text_of(r, "\u0300\u0301\u0302", 120) + ".ml",
    "ignored": lambda r: "\N{SOFT HYPHEN}" * 200 + f"{text_of(r, 'amry', 4)}.ml",
    "many-labels": lambda r: ".".join(text_of(r, "ab", 1) for _ in range(120)) + ".ml",
    "watched-again-and-again": lambda r: "army.mil." * 20 + text_of(r, "ml", 2),
    "letters": lambda r: ".".join(text_of(r, "abcdefghijklmnopqrstuvwxyz0123456789", 60) for _ in range(4)),
    "hyphens": lambda r: "-".join(text_of(r, "abc", 2) for _ in range(20)) + ".ml",
}


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return scorer_of(*read_part(20_000).watchlist.read_text().split())


def seconds(scorer: Scorer, domain: str) -> float:
    begin = time.thread_time()
    with suppress(MalformedDomain):
        scorer.possible_typo(domain)
    return time.thread_time() - begin


@pytest.fixture(scope="module")
def typical(scorer: Scorer) -> float:
    return median(seconds(scorer, domain) for domain in read_part(20_000).domains[:3_000])


@pytest.mark.parametrize("kind", WORST)
def test_no_domain_costs_a_hundred_times_a_typical_one(scorer: Scorer, typical: float, kind: str) -> None:
    chance = random.Random(kind)
    seconds(scorer, WORST[kind](chance))
    assert median(seconds(scorer, WORST[kind](chance)) for _ in range(25)) < 100 * typical
