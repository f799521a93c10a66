"""dnstwist's permutations of the watched names, for `make bench-scoring`: what brand monitoring does.

    python -m bench.peers.permutations WATCHLIST < DOMAINS

dnstwist (github.com/elceef/dnstwist, Apache licence) generates the names that may be mistaken for a given one, with its
default techniques; it asks for other suffixes only with a dictionary. Here a domain is a typo where it, or its
registered name, is such a permutation of a watched name. That takes minutes for a thousand names.
"""

from __future__ import annotations

import os
import sys
from multiprocessing import get_context
from pathlib import Path

from dnstwist import Fuzzer

from bench.peers.watched import typed_domains, watched_names, write_answers
from bench.scoring_data import registrable

_typed: frozenset[str]


def permutations_typed(name: str) -> list[tuple[str, str]]:
    """Those permutations of a watched name that were typed, each with the name."""
    fuzzer = Fuzzer(name)
    fuzzer.generate()
    made = {permutation["domain"] for permutation in fuzzer.domains}
    return [(domain, name) for domain in made & _typed if domain != name]


def main() -> None:
    global _typed
    typed = typed_domains()
    _typed = frozenset(typed).union(map(registrable, typed))
    names = watched_names(Path(sys.argv[1]))
    with get_context("fork").Pool(len(os.sched_getaffinity(0))) as pool:
        found = [pair for pairs in pool.imap(permutations_typed, names) for pair in pairs]
    meant = dict(reversed(found))  # where a domain is a permutation of several, the first counts
    write_answers(typed, (meant.get(domain) or meant.get(registrable(domain)) for domain in typed))


if __name__ == "__main__":
    main()
