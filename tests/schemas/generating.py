"""Documents that a schema allows, for hypothesis: the keywords that our schemas use, in a small range of lengths."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.schemas.loading import schema, validator

Schema = dict[str, Any]
Values = st.SearchStrategy[Any]
LONGER = 4
"""How much longer than it must be a list, an object or a text is made at most."""


def documents(name: str) -> Values:
    """Documents that are valid by the schema of this name; what one keyword asks of another is left to a filter."""
    root = schema(name)
    return _values(root, root).filter(validator(name).is_valid)


def _values(told: Schema, root: Schema) -> Values:
    if "$ref" in told:
        return _values(root["$defs"][told["$ref"].removeprefix("#/$defs/")], root)
    if "const" in told:
        return st.just(told["const"])
    if "enum" in told:
        return st.sampled_from(told["enum"])
    if "type" not in told:
        return st.one_of([_values(other, root) for other in told.get("oneOf") or told["anyOf"]])
    types = [told["type"]] if isinstance(told["type"], str) else told["type"]
    return st.one_of([_BY_TYPE[one](told, root) for one in types])


def _string(told: Schema, root: Schema) -> Values:
    least, most = told.get("minLength", 0), told.get("maxLength", 1_000)
    if "pattern" in told:
        # `$` would let a line end through, as it does in Python but not in JSON Schema
        return st.from_regex(told["pattern"].replace("$", r"\Z")).filter(lambda text: least <= len(text) <= most)
    return st.text(min_size=least, max_size=min(most, least + LONGER)) | st.just("x" * most)


def _array(told: Schema, root: Schema) -> Values:
    least = told.get("minItems", 0)
    most = min(told.get("maxItems", 1_000), least + LONGER)
    return st.lists(_values(told["items"], root), min_size=least, max_size=most, unique=told.get("uniqueItems", False))


def _object(told: Schema, root: Schema) -> Values:
    fields = {name: _values(inner, root) for name, inner in told.get("properties", {}).items()}
    required = {name: values for name, values in fields.items() if name in told.get("required", ())}
    known = st.fixed_dictionaries(required, optional={name: fields[name] for name in fields.keys() - required.keys()})
    if told.get("additionalProperties") is False:
        return known
    names = _string(told.get("propertyNames", {}), root)
    more = _values(told.get("additionalProperties", {"enum": [None, 1, "x", [{}]]}), root)
    others = st.dictionaries(names, more, max_size=LONGER)
    return st.builds(lambda first, second: first | second, others, known)


_BY_TYPE: dict[str, Callable[[Schema, Schema], Values]] = {
    "null": lambda told, root: st.none(),
    "boolean": lambda told, root: st.booleans(),
    "integer": lambda told, root: st.integers(told["minimum"], told["maximum"]),
    "number": lambda told, root: st.floats(told["minimum"], told["maximum"]),
    "string": _string,
    "array": _array,
    "object": _object,
}
