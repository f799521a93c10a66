"""Hypothesis strategies for documents that a schema allows: the keywords that our schemas use, in few lengths."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.schemas.load import schema, validator

Schema = dict[str, Any]
Values = st.SearchStrategy[Any]
LONGER = 4
"""By how much a list, an object or a text exceeds its minimum length at most."""


def documents(name: str) -> Values:
    """Documents that the schema of this name allows; a filter enforces conditions between keywords."""
    root = schema(name)
    return _values(root, root).filter(validator(name).is_valid)


def _values(part: Schema, root: Schema) -> Values:
    if "$ref" in part:
        return _values(root["$defs"][part["$ref"].removeprefix("#/$defs/")], root)
    if "const" in part:
        return st.just(part["const"])
    if "enum" in part:
        return st.sampled_from(part["enum"])
    if "type" not in part:
        return st.one_of([_values(other, root) for other in part.get("oneOf") or part["anyOf"]])
    types = [part["type"]] if isinstance(part["type"], str) else part["type"]
    return st.one_of([_BY_TYPE[one](part, root) for one in types])


def _string(part: Schema, root: Schema) -> Values:
    least, most = part.get("minLength", 0), part.get("maxLength", 1_000)
    if "pattern" in part:
        # `$` would allow a final line end in Python, but does not in JSON Schema
        return st.from_regex(part["pattern"].replace("$", r"\Z")).filter(lambda text: least <= len(text) <= most)
    return st.text(min_size=least, max_size=min(most, least + LONGER)) | st.just("x" * most)


def _array(part: Schema, root: Schema) -> Values:
    least = part.get("minItems", 0)
    most = min(part.get("maxItems", 1_000), least + LONGER)
    return st.lists(_values(part["items"], root), min_size=least, max_size=most, unique=part.get("uniqueItems", False))


def _object(part: Schema, root: Schema) -> Values:
    fields = {name: _values(inner, root) for name, inner in part.get("properties", {}).items()}
    required = {name: values for name, values in fields.items() if name in part.get("required", ())}
    known = st.fixed_dictionaries(required, optional={name: fields[name] for name in fields.keys() - required.keys()})
    if part.get("additionalProperties") is False:
        return known
    names = _string(part.get("propertyNames", {}), root)
    more = _values(part.get("additionalProperties", {"enum": [None, 1, "x", [{}]]}), root)
    others = st.dictionaries(names, more, max_size=LONGER)
    return st.builds(lambda first, second: first | second, others, known)


_BY_TYPE: dict[str, Callable[[Schema, Schema], Values]] = {
    "null": lambda part, root: st.none(),
    "boolean": lambda part, root: st.booleans(),
    "integer": lambda part, root: st.integers(part["minimum"], part["maximum"]),
    "number": lambda part, root: st.floats(part["minimum"], part["maximum"]),
    "string": _string,
    "array": _array,
    "object": _object,
}
