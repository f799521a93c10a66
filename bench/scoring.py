"""The accuracy and cost of `straymail score`, compared with the usual approach: `make bench-scoring`.

The baselines are one string distance over registered names with one cutoff: OSA of at most 1 or 2, or a ratio of at
least 85 or 90. With --peers also Mailcheck's algorithm and dnstwist's permutations, for up to some thousand watched
names: they compare with each. A command runs as a process of its own; its cost is the elapsed time, start and loading
included.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from bench.scoring_data import PEOPLE, SIZES, Part, read_part, read_people, registrable
from bench.scoring_figures import Answer, figures, people_figures, print_figures, print_people

COMMAND = f"{shlex.quote(sys.executable)} -m streams score --watchlist {{watchlist}} -"
BASELINES: dict[str, tuple[Callable[..., Any], float, bool]] = {
    "osa1": (OSA.distance, 1, True),
    "osa2": (OSA.distance, 2, True),
    "ratio85": (fuzz.ratio, 85, False),
    "ratio90": (fuzz.ratio, 90, False),
}
"""By name: the string measure, its cutoff, and whether less is nearer."""
ROWS = 2000
PEERS = ("mailcheck", "permutations")
"""The modules of `bench.peers` that answer as `straymail score` does."""
MOST_FOR_PEERS = 2000
"""Watched names up to which the peers take minutes, not hours."""


def baseline(name: str, part: Part) -> list[Answer]:
    measure, cutoff, less_is_nearer = BASELINES[name]
    watched = [name for name in part.watchlist.read_text().split() if "*" not in name]
    targets = sorted({registrable(name) for name in watched})
    typed = [registrable(domain) for domain in part.domains]
    answers = []
    for at in range(0, len(typed), ROWS):
        table = cdist(typed[at : at + ROWS], targets, scorer=measure, score_cutoff=cutoff, workers=-1)
        best = table.argmin(1) if less_is_nearer else table.argmax(1)
        values = table[np.arange(len(table)), best]
        hits = values <= cutoff if less_is_nearer else values >= cutoff
        rows = zip(typed[at : at + ROWS], best, hits, strict=True)
        answers += [_answer(targets[i], bool(hit) and name != targets[i]) for name, i, hit in rows]
    return answers


def _answer(target: str, hit: bool) -> Answer:
    return Answer(target, float(hit), hit, hit)


def command(template: str, part: Part) -> list[Answer]:
    """The answers of a command. Exits unless it answers each line with a line of JSON, in order."""
    words = [word.replace("{watchlist}", str(part.watchlist)) for word in shlex.split(template)]
    lines = "".join(f"{domain}\n" for domain in part.domains)
    done = subprocess.run(words, input=lines, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"the command failed with exit code {done.returncode}: {done.stderr[-1000:]}")
    answered = [json.loads(line) for line in done.stdout.splitlines()]
    if [answer["domain"] for answer in answered] != part.domains:
        sys.exit("the command's answers don't match the domains line by line")
    return [Answer(a["intended"] or "", a["score"], a["typo"], a["certain"]) for a in answered]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, nargs="*", default=SIZES, choices=SIZES)
    parser.add_argument("--command", default=COMMAND, help="{watchlist} stands for the file (default: %(default)s)")
    parser.add_argument("--peers", help="Python of the environment that has dnstwist")
    parser.add_argument("--people", type=int, nargs="*", default=PEOPLE, choices=PEOPLE)
    arguments = parser.parse_args()
    for size in arguments.size:
        part = read_part(size)
        for name, run in _detectors(part, arguments.command, arguments.peers).items():
            begin = time.perf_counter()
            answers = run()
            spent = time.perf_counter() - begin
            print_figures(name, figures(part, answers), spent / len(answers) * 1e6)
    for part in map(read_people, arguments.people):
        for name, run in _detectors(part, arguments.command, arguments.peers).items():
            print_people(name, part.size, people_figures(part, run()))


def _detectors(part: Part, straymail: str, peers: str | None) -> dict[str, Callable[[], list[Answer]]]:
    """What answers for one part, by name; the peers only where their Python is given."""
    found: dict[str, Callable[[], list[Answer]]] = {name: partial(baseline, name, part) for name in BASELINES}
    if peers and part.size <= MOST_FOR_PEERS:
        python = shlex.quote(peers)
        templates = {peer: f"{python} -m bench.peers.{peer} {{watchlist}}" for peer in PEERS}
        found |= {peer: partial(command, template, part) for peer, template in templates.items()}
    return found | {"straymail": partial(command, straymail, part)}


if __name__ == "__main__":
    main()
