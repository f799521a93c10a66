"""Update the list of well-known domains: `make refresh-well-known`, from MISP's warning lists (CC0).

Their packaged form lacks the lists of Cloudflare Radar, so they are read from the repository: of a clone at the path in
the first argument, or of a shallow one that is made for it.

The most used names of DNS include slips: so many people mistype a mail provider that its neighbours are looked up as
often as a real firm's name. Names that are likely such slips are left out, unless another of the lists has them too.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import orjson

from streams.domains.names import canonical
from streams.domains.scorer import Scorer
from streams.domains.suffixes import suffix_rules
from streams.domains.thresholds import PlainThresholds
from streams.domains.watchlist.watchlist import Watchlist
from streams.errors import MalformedDomain

REPOSITORY = "https://github.com/MISP/misp-warninglists"
TARGET = Path(__file__).parents[1] / "streams" / "data" / "well_known.txt"
LOOKED_UP = "cloudflare-top100k"
"""The names most looked up in DNS. It has registrable names, so one below another name is of another suffix list."""
OF_OTHERS = ("majestic_million", "university_domains", "bank-website", "dax30", "google", "microsoft")
"""Sites that are linked to, and domains of organisations: as host names, of which the registrable name is taken."""
MOST_LOOKED_UP = "cloudflare-top1k"
HEADER = """\
# Well-known domains: registrable names, sorted. Most used in DNS (Cloudflare Radar), most linked to (Majestic), and
# those of universities, banks and large firms; without public suffixes and names that are likely slips for others.
# Source: MISP's warning lists (github.com/MISP/misp-warninglists), commit {commit} of {date}, CC0 1.0: the lists
# {lists}.
# Made by `make refresh-well-known`.

"""

MAILBOXES = frozenset(
    """aol.com comcast.net free.fr gmail.com gmx.de gmx.net googlemail.com hotmail.com hotmail.co.uk icloud.com live.com
    mail.ru msn.com naver.com orange.fr outlook.com proton.me protonmail.com qq.com t-online.de verizon.net web.de
    yahoo.com yahoo.co.jp yahoo.co.uk yandex.ru zoho.com 126.com 163.com""".split()  # noqa: SIM905 (a name each line)
)
"""Mail providers, whose names are mistyped most."""
LIKELY, LIKELY_OF_MAILBOX = 0.8, 0.5
"""From this score on a name is left out: as a slip for one of the names most looked up, or for a mail provider."""
TYPED = frozenset({"omission", "double-lost", "repetition", "transposition"})
"""The slips of fast typing. A key beside another is as often a firm with a similar name."""


class Lists:
    """The warning lists in a clone."""

    def __init__(self, clone: Path) -> None:
        self._clone = clone

    def _git(self, *arguments: str) -> bytes:
        return subprocess.run(["git", "-C", self._clone, *arguments], check=True, stdout=subprocess.PIPE).stdout

    def names(self, name: str) -> frozenset[str]:
        """The canonical names in one list; entries that aren't domain names are skipped."""
        entries = orjson.loads(self._git("show", f"HEAD:lists/{name}/list.json"))["list"]
        return frozenset(_readable(entries))

    def version(self) -> tuple[str, str]:
        """The commit, and its date."""
        commit, date = self._git("log", "-1", "--format=%h %cs", "--abbrev=12").decode().split()
        return commit, date


def _readable(entries: list[str]) -> Iterator[str]:
    for entry in entries:
        try:
            yield canonical(entry.strip("."))
        except MalformedDomain:
            continue


def well_known(lists: Lists) -> list[str]:
    """The names of the list, sorted."""
    of_others = {name for one in OF_OTHERS for host in lists.names(one) if (name := registrable(host))}
    looked_up = {name for name in lists.names(LOOKED_UP) if registrable(name) == name}
    doubtful = looked_up - of_others
    slips = _slips(lists.names(MOST_LOOKED_UP), doubtful, LIKELY) | _slips(MAILBOXES, doubtful, LIKELY_OF_MAILBOX)
    return sorted((looked_up | of_others) - slips)


def registrable(host: str) -> str:
    """The registrable name of a host; empty where it has none."""
    split = suffix_rules().split(host)
    return split.registrable if split.label and suffix_rules().exists(split.suffix) else ""


def _slips(targets: frozenset[str], names: set[str], likely: float) -> set[str]:
    """The names that are likely slips of fast typing for one of the targets. First letters are seldom wrong."""
    watchlist = Watchlist(dict.fromkeys(name for name in targets if registrable(name)), {}, {}, {})
    score = Scorer(watchlist, PlainThresholds(typo=likely, well_known=False)).score
    found = (verdict for verdict in map(score, names) if verdict.typo and verdict.slip in TYPED)
    return {verdict.domain for verdict in found if verdict.domain[0] == (verdict.intended or "")[0]}


def write(clone: Path) -> None:
    lists = Lists(clone)
    names, (commit, date) = well_known(lists), lists.version()
    header = HEADER.format(commit=commit, date=date, lists=", ".join((LOOKED_UP, *OF_OTHERS)))
    TARGET.write_text(header + "\n".join(names) + "\n", encoding="ascii")
    print(f"well-known: {len(names)} names")


def main() -> None:
    if len(sys.argv) > 1:
        write(Path(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        clone = ["git", "clone", "--quiet", "--depth", "1", "--filter=blob:none", "--no-checkout"]
        subprocess.run([*clone, REPOSITORY, folder], check=True)
        write(Path(folder))


if __name__ == "__main__":
    main()
