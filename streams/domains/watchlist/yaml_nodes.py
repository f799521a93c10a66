"""YAML read as nodes, not objects, so that each value keeps its line for the error that names it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from streams.domains.watchlist.entry_error import EntryError

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a YAML file, with the line it begins on. Every method raises EntryError for a wrong kind."""

    node: yaml.Node

    @property
    def line(self) -> int:
        return int(self.node.start_mark.line) + 1

    @property
    def is_text(self) -> bool:
        return isinstance(self.node, yaml.ScalarNode)

    def text(self) -> str:
        if not isinstance(self.node, yaml.ScalarNode) or not self.node.value:
            raise EntryError(self.line, "a text is needed here")
        return str(self.node.value)

    def items(self) -> Iterator[Field]:
        if not isinstance(self.node, yaml.SequenceNode):
            raise EntryError(self.line, "a list is needed here")
        return map(Field, self.node.value)

    def keyed(self) -> Iterator[tuple[Field, Field]]:
        """The pairs of a mapping, keys with their lines."""
        if not isinstance(self.node, yaml.MappingNode):
            raise EntryError(self.line, "keys with values are needed here")
        return ((Field(key), Field(value)) for key, value in self.node.value)

    def pairs(self) -> Iterator[tuple[str, Field]]:
        seen: set[str] = set()
        for key, value in self.keyed():
            if key.text() in seen:
                raise EntryError(key.line, f"{key.text()!r} is there twice")
            seen.add(key.text())
            yield key.text(), value

    def mapping(self, known: tuple[str, ...], needed: tuple[str, ...] = ()) -> dict[str, Field]:
        """A mapping that has no keys but these."""
        found = dict(self.pairs())
        for name, field in found.items():
            if name not in known:
                raise EntryError(field.line, f"{name!r} is not known here: use {', '.join(known)}")
        for name in needed:
            if name not in found:
                raise EntryError(self.line, f"{name!r} is missing")
        return found


def read_fields(text: str) -> Field:
    """The root of a YAML text. Raises EntryError with the line where it is no YAML."""
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise EntryError(line, f"this is no YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise EntryError(1, f"this is no YAML: {error}") from error
    if node is None:
        raise EntryError(1, "it is empty")
    return Field(node)
