"""What is wrong with a setting, in plain words: its name, where it was read, what to write instead. The sentences of a
validator name its types (`Input should be a valid tuple`), and its values may be secrets, so neither is shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from streams.counted import counted
from streams.did_you_mean import asked, nearest_names, or_list

Location = tuple[int | str, ...]

_CHARACTERS = "letters, digits, dots, hyphens and underscores"
PATTERNS = {
    r"^[A-Za-z0-9._-]{1,200}$": f"use {_CHARACTERS}, at most 200",
    r"^[A-Za-z0-9._-]{1,100}$": f"use {_CHARACTERS}, at most 100",
    r"^[A-Za-z0-9._-]*$": f"use {_CHARACTERS}",
    r"^[A-Za-z0-9.-]{1,253}$": "write a host name, without scheme and port",
    r"^[A-Za-z0-9-]{1,64}$": "write the name of a header: letters, digits and hyphens",
    r"^(kafka|file:.+)$": "write kafka or file:PATH",
    r"^[^@\s<>]+@[^@\s<>]+$": "write an address, such as soc@example.org",
}
"""What is to be written where a pattern doesn't match."""


class SettingOrigins:
    """Where settings were read, for messages: environment variable, line of the file, or command line."""

    def __init__(self, path: str, text: str, environment: Mapping[str, Any], prefix: str) -> None:
        """`environment` has the values from there by setting, sections as mappings; `prefix` is that of its
        variables."""
        self._path, self._environment, self._prefix = path, environment, prefix
        self._root = yaml.compose(text) if text else None

    def of(self, location: Location) -> str:
        """Where the setting at this place was read."""
        value: Any = self._environment
        for part in location[:2]:
            value = value.get(part) if isinstance(value, Mapping) else None
        if value is not None:
            variable = "_".join(str(part) for part in location[:2] if isinstance(part, str))
            return f"{self._prefix}{variable}".upper()
        line = self._line(location)
        return f"{self._path}, line {line}" if line else "the command line"

    def _line(self, location: Location) -> int | None:
        node, line = self._root, None
        for part in location:
            if isinstance(node, yaml.MappingNode):
                entry = next(((k, v) for k, v in node.value if k.value == str(part)), None)
                if entry is None:
                    break
                line, node = entry[0].start_mark.line + 1, entry[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
                node = node.value[part]
                line = node.start_mark.line + 1
        return line


def sentences(error: ValidationError, origins: SettingOrigins, known: Iterable[str]) -> str:
    """All that is wrong, as one text; `known` has the dotted names of all settings."""
    known = list(known)
    return "; ".join(_sentence(details, origins, known) for details in error.errors())


def no_such_setting(name: str, known: Iterable[str], shown: Callable[[str], str] = str) -> str:
    """That there is no setting of this dotted name, and which was probably meant: one of its section first. `shown`
    makes a dotted name what is suggested, such as a variable."""
    names = list(known)
    section, dot, inner = name.rpartition(".")
    siblings = [one.removeprefix(f"{section}.") for one in names if one.startswith(f"{section}.")] if dot else []
    near = [f"{section}.{one}" for one in nearest_names(inner, siblings)] or nearest_names(name, names)
    suggestion = asked([shown(one) for one in near])
    return f"there is no such setting{suggestion and ': '}{suggestion}"


def _sentence(error: ErrorDetails, origins: SettingOrigins, known: list[str]) -> str:
    location = error["loc"]
    name = ".".join(str(part) for part in location)
    problem = no_such_setting(name, known) if error["type"] == "extra_forbidden" else _in_plain_words(error)
    if not location:  # settings that contradict each other: the sentence names them
        return problem
    return f"{name} ({origins.of(location)}): {problem}"


def _in_plain_words(error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx", {})
    words = _WORDS.get(kind)
    if words is not None:
        return words.format(**context)
    if kind == "literal_error":
        return or_list(str(error["input"]), re.findall(r"'(.*?)'", context["expected"]))
    if kind == "string_pattern_mismatch":
        return PATTERNS[context["pattern"]]
    if kind in ("string_too_short", "too_short"):
        return _too_short(context["min_length"])
    return error["msg"].removeprefix("Value error, ")


def _too_short(least: int) -> str:
    return "write something: it is empty" if least == 1 else f"write at least {counted(least, 'character')}"


_WORDS = {
    **dict.fromkeys(("int_parsing", "int_type", "int_from_float"), "write a whole number"),
    **dict.fromkeys(("float_parsing", "float_type"), "write a number"),
    **dict.fromkeys(("bool_parsing", "bool_type"), "write true or false"),
    **dict.fromkeys(("tuple_type", "list_type"), "write a list, such as [a, b]"),
    **dict.fromkeys(("string_type", "path_type"), "write text"),
    **dict.fromkeys(("model_type", "model_attributes_type"), "write names with values, such as {{name: value}}"),
    "dict_type": "write names with values, such as {{name: value}}",
    "greater_than": "write a number above {gt:g}",
    "greater_than_equal": "write a number of at least {ge:g}",
    "less_than": "write a number below {lt:g}",
    "less_than_equal": "write a number of at most {le:g}",
    "string_too_long": "write at most {max_length} characters",
    "is_instance_of": "write the address of a network, such as 192.0.2.0/24",
}
"""What is to be written, by pydantic's type of the error."""
