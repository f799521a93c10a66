"""The fields of the Elastic Common Schema that the ingest pipeline makes, from `ecs-fields.tsv`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LABELS = "labels"
_TYPES: dict[str, type | tuple[type, ...]] = {"date": str, "long": int, "keyword": str, "wildcard": str}


@dataclass(frozen=True)
class EcsField:
    """A field: its type in an index, and whether it is a list."""

    type: str
    is_array: bool

    def allows(self, value: object) -> bool:
        """Whether the field may have this value; labels are custom keys, each with one text."""
        if self.is_array:
            return isinstance(value, list) and all(isinstance(each, str) for each in value)
        return isinstance(value, _TYPES.get(self.type, str))


def _read() -> dict[str, EcsField]:
    lines = Path(__file__).with_name("ecs-fields.tsv").read_text().splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return {name: EcsField(kind, normalization == ["array"]) for name, kind, *normalization in rows}


ECS_FIELDS = _read()


def ecs_leaves(document: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The fields of a document with their values; each label is `labels`."""
    for name, value in document.items():
        inner = f"{path}{name}"
        if isinstance(value, dict):
            yield from (
                [(LABELS, text) for text in value.values()] if inner == LABELS else ecs_leaves(value, f"{inner}.")
            )
        else:
            yield inner, value
