"""The contents of the documentation's pages: links, headings, code blocks, command lines."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_ASSIGNMENT = re.compile(r"[A-Z_]+=.*")
_CONTROL = {"|", ";", "&&", "||", "&"}
_REDIRECTION = frozenset({">", ">>", "<", "2>"})
"""What follows is a file: no argument."""


class Block(NamedTuple):
    """A fenced block; `language` is empty where none is named."""

    language: str
    text: str


class Command(NamedTuple):
    """A line that is typed, and what the page shows of its output: None where it shows none."""

    line: str
    output: str | None = None


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page."""
    return [Block(language, dedent(text)) for _, language, text in _FENCE.findall(page.read_text())]


def commands(page: Path) -> Iterator[Command]:
    """The lines of `sh` blocks, and those after a prompt in `console` blocks with what is shown below."""
    for language, text in blocks(page):
        yield from commands_in(language, text)


def commands_in(language: str, text: str) -> Iterator[Command]:
    """The same of one block; none in a block of another language."""
    text = text.replace("\\\n", " ")
    if language == "sh":
        yield from (Command(line) for line in text.splitlines() if line and not line.startswith("#"))
    elif language == "console":
        for typed in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            line, _, output = typed.partition("\n")
            yield Command(line, output or None)


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    return _FENCE.sub("", page.read_text())


def inline_code(page: Path) -> list[str]:
    """What stands between single backticks."""
    return _INLINE.findall(prose(page))


def links(page: Path) -> list[str]:
    """The targets of all links and images but those to other sites."""
    return [target for target in _LINK.findall(prose(page)) if "://" not in target]


def anchors(page: Path) -> set[str]:
    """The names under which GitHub links to the headings."""
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in _HEADING.findall(prose(page)))
    return {heading.strip().replace(" ", "-") for heading in plain}


def command_lines(page: Path) -> Iterator[str]:
    """The lines that are typed: all of `sh` blocks, those after a prompt in `console` blocks, code in the text."""
    yield from (command.line for command in commands(page))
    yield from inline_code(page)


def calls(page: Path, program: str) -> Iterator[list[str]]:
    """The arguments of each call of a program in the page's command lines, without pipelines and preceding settings."""
    for line in command_lines(page):
        if re.search(rf"\b{program}\b", line) is None:
            continue
        for words in _simple_commands(line):
            while words and _ASSIGNMENT.fullmatch(words[0]):
                del words[0]
            if words and Path(words[0]).name == program:
                yield words[1:]


def _simple_commands(line: str) -> Iterator[list[str]]:
    reader = shlex.shlex(line, posix=True, punctuation_chars=True)
    reader.whitespace_split = True
    try:
        words = list(reader)
    except ValueError:  # an apostrophe in the text: no command line
        return
    command: list[str] = []
    for word in [*words, ";"]:
        if word in _CONTROL:
            yield command[: next((at for at, part in enumerate(command) if part in _REDIRECTION), None)]
            command = []
        else:
            command.append(word)
