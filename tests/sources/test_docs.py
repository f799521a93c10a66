"""The pages on sources: one for each, with valid commands and links to the vendors' documentation of their fields."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from streams import cli
from streams.sources.registry import SOURCES

FOLDER = Path(__file__).parents[2] / "docs"
PAGES = {"mbox": "mailbox", "eml": "mailbox"}
NOT_RUN_HERE = ("m365", "google", "zeek", "suricata")
DOCS = [*sorted((FOLDER / "sources").glob("*.md")), FOLDER / "backtest.md", FOLDER / "connect.md"]


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_has_a_page(name: str) -> None:
    page = (FOLDER / "sources" / f"{PAGES.get(name, name)}.md").read_text()
    assert f"straymail import {name}" in page
    assert (name in NOT_RUN_HERE) <= ("https://" in page)
    assert f"`{name}`" in (FOLDER / "sources" / "README.md").read_text()


def commands(text: str) -> list[list[str]]:
    """The arguments of each `straymail` command in the examples, split as by a shell."""
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    calls = [re.search(r"(?:^|[ |])(straymail [a-z-]+(?: .*?)??)(?:\s+[|>&].*|\s+#.*)?$", line) for line in lines]
    return [shlex.split(call[1])[1:] for call in calls if call is not None]


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.stem)
def test_every_example_is_a_valid_command(page: Path) -> None:
    found = commands(page.read_text())
    assert found or page.stem not in ("README", *SOURCES)
    for arguments in found:
        command = cli.straymail.get_command(click.Context(cli.straymail), arguments[0])
        assert command is not None, arguments
        command.make_context(arguments[0], arguments[1:], resilient_parsing=False)


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.stem)
def test_links_to_files_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        assert link.startswith("https://") or (page.parent / link).exists(), link
