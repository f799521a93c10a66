"""The shapes in which Google returns Gmail's log events, as one: objects with `message_info` and `event_info`.

BigQuery's export has that shape. Its REST API writes a row as `{"f": [{"v": ...}]}`, whose names are in the response's
schema; the Admin Reports API writes parameters, each with its name and a value whose field tells its type.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

NESTED_ALLOWED = 20
"""How deep values may be in each other; Gmail's logs have four levels."""
_PLAIN = ("value", "intValue", "boolValue", "multiValue", "multiIntValue", "multiBoolValue")


def of_rest_row(row: Mapping[str, Any], fields: Sequence[Any], depth: int = 0) -> dict[str, Any]:
    """A row of BigQuery's REST API by the fields of its schema; what they don't name is left out."""
    cells = row.get("f")
    pairs = zip(fields, cells, strict=False) if isinstance(cells, list) and depth < NESTED_ALLOWED else ()
    return {
        str(field.get("name")): _cell(cell.get("v"), field, depth)
        for field, cell in pairs
        if isinstance(field, dict) and isinstance(cell, dict)
    }


def _cell(value: Any, field: Mapping[str, Any], depth: int) -> Any:
    if isinstance(value, list):
        return [_cell(part.get("v"), field, depth + 1) for part in value if isinstance(part, dict)]
    fields = field.get("fields")
    if isinstance(value, dict) and isinstance(fields, list):
        return of_rest_row(value, fields, depth + 1)
    return value


def of_activity(activity: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The events of an activity of the Admin Reports API; each has its parameters by name."""
    events = activity.get("events")
    for event in events if isinstance(events, list) else [events]:
        if isinstance(event, dict):
            yield _parameters(event.get("parameters"), 0)


def _parameters(listed: Any, depth: int) -> dict[str, Any]:
    if not isinstance(listed, list) or depth >= NESTED_ALLOWED:
        return {}
    return {str(one.get("name")): _parameter(one, depth) for one in listed if isinstance(one, dict)}


def _parameter(one: Mapping[str, Any], depth: int) -> Any:
    message, messages = one.get("messageValue"), one.get("multiMessageValue")
    if isinstance(message, dict):
        return _parameters(message.get("parameter"), depth + 1)
    if isinstance(messages, list):
        return [_parameters(part.get("parameter"), depth + 1) for part in messages if isinstance(part, dict)]
    return next((one[name] for name in _PLAIN if name in one), None)
