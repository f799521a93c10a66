"""YAML read as nodes, not objects, so that each value keeps its line for error messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from streams.did_you_mean import or_list
from streams.domains.watchlist.entry_error import EntryError

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a YAML file. Every method raises EntryError where the value is of the wrong kind."""

    node: yaml.Node

    @property
    def line(self) -> int:
        """The line on which the value begins, from 1."""
        return int(self.node.start_mark.line) + 1

    @property
    def is_text(self) -> bool:
        return isinstance(self.node, yaml.ScalarNode)

    @property
    def is_list(self) -> bool:
        return isinstance(self.node, yaml.SequenceNode)

    def text(self) -> str:
        if not isinstance(self.node, yaml.ScalarNode) or not self.node.value:
            raise EntryError(self.line, "text is expected here")
        return str(self.node.value)

    def items(self) -> Iterator[Field]:
        if not isinstance(self.node, yaml.SequenceNode):
            example = self.node.value if self.is_text else ""
            raise EntryError(self.line, f"a list is expected here, such as [{example or 'army.mil'}]")
        return map(Field, self.node.value)

    def keyed(self) -> Iterator[tuple[Field, Field]]:
        """The keys and values of a mapping, in order; a key may occur twice."""
        if not isinstance(self.node, yaml.MappingNode):
            raise EntryError(self.line, "keys with values are expected here")
        return ((Field(key), Field(value)) for key, value in self.node.value)

    def pairs(self) -> Iterator[tuple[str, Field]]:
        """The keys and values of a mapping, in order. Raises EntryError for a key that occurs twice."""
        seen: set[str] = set()
        for key, value in self.keyed():
            if key.text() in seen:
                raise EntryError(key.line, f"{key.text()!r} is given twice")
            seen.add(key.text())
            yield key.text(), value

    def mapping(self, known: tuple[str, ...], needed: tuple[str, ...] = ()) -> dict[str, Field]:
        """The values of a mapping by key. Raises EntryError for a key not in `known`, or where a `needed` one is
        missing."""
        found = dict(self.pairs())
        for name, field in found.items():
            if name not in known:
                raise EntryError(field.line, f"unknown key {name!r}: {or_list(name, known)}")
        for name in needed:
            if name not in found:
                raise EntryError(self.line, f"{name!r} is missing")
        return found


def read_fields(text: str) -> Field:
    """The root of a YAML text. Raises EntryError where it is not valid YAML."""
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise EntryError(line, f"this is not valid YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise EntryError(1, f"this is not valid YAML: {error}") from error
    if node is None:
        raise EntryError(1, "it is empty")
    return Field(node)
