"""docs/architecture.md shows the package as it is: its tree, and the layers that import-linter enforces."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from tests.docs.markdown import ROOT, blocks

PAGE = ROOT / "docs" / "architecture.md"
CONTRACTS: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
    "contracts"
]
LAYERED = {contract["containers"][0]: contract["layers"] for contract in CONTRACTS if contract["type"] == "layers"}


def shown() -> Iterator[str]:
    """The paths of the tree in the page, folders with a slash at the end; several may share a line."""
    above: list[str] = []
    for line in next(block.text for block in blocks(PAGE) if block.text.startswith("streams/")).splitlines():
        names, depth = re.split(r" {3,}", line.strip())[0].split(), (len(line) - len(line.lstrip())) // 2
        above = above[:depth]
        yield from ("".join(above) + name for name in names)
        above.append(names[-1])


def on_disk() -> set[str]:
    """The folders of the package at any depth, its modules at the top, and what stands beside it."""
    package = ROOT / "streams"
    folders = {path for path in package.rglob("*") if path.is_dir() and path.name != "__pycache__"}
    modules = {path for path in package.glob("*.py") if path.name != "__init__.py"}
    inside = {f"{path.relative_to(ROOT)}{'/' if path.is_dir() else ''}" for path in folders | modules}
    return inside | {f"{name}/" for name in ("streams", "schemas", "tests", "bench", "deploy", "docs")}


def test_the_tree_is_the_one_on_disk() -> None:
    assert sorted(shown()) == sorted(on_disk())


@pytest.mark.parametrize("container", LAYERED)
def test_each_layer_is_explained_in_the_order_that_is_held(container: str) -> None:
    section = PAGE.read_text().split(f"\n### `{container}`\n")[1].split("\n### ")[0]
    rows = [re.findall(r"`(\w+)`", row.split("|")[1]) for row in section.splitlines() if row.startswith("| `")]
    assert rows == [re.split(r" [|:] ", layer) for layer in LAYERED[container]]


def test_the_code_for_each_question_is_where_the_page_says() -> None:
    section = PAGE.read_text().split("\n## Where to look\n")[1].split("\n## ")[0]
    places = re.findall(r"`(streams/[\w/]+\.py)`: ((?:`\w+`(?:, )?)+)", section)
    assert len(places) >= section.count("`streams/")
    for path, names in places:
        tree = ast.walk(ast.parse((ROOT / path).read_text()))
        defined = {
            node.name for node in tree if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        }
        assert set(re.findall(r"`(\w+)`", names)) <= defined, path


def test_a_class_name_stands_for_one_thing() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in (ROOT / "streams").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(str(path.relative_to(ROOT)))
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}
