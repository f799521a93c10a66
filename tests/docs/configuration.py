"""Writes docs/configuration.md from the settings themselves: `python -m tests.docs.configuration`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from streams.config import PREFIX, Settings

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"

HEAD = """# Configuration

<!-- Made by `make docs` from the settings; a test holds it to them. -->

Every setting has a default that works on a laptop. Settings come from the environment over one YAML file over the
defaults. The file is named with `--config` or `STRAYMAIL_CONFIG`. A setting that isn't known is an error, in both
places.

```yaml
# straymail.yaml
brokers: kafka1:9092,kafka2:9092
watchlist: /etc/straymail/watchlist.yaml
own_domains: [mod.gov.uk]
security: {protocol: SASL_SSL, username: straymail, password_file: /run/secrets/kafka}
findings:
  labels: {"NATO SECRET": critical}
```

The same setting in the environment is its name in capitals after `STRAYMAIL_`, with `_` for the dot
(`security.protocol` is `STRAYMAIL_SECURITY_PROTOCOL`); lists may be given with commas, rules and labels as JSON.
"""

RULES = """
### A rule

`findings.rules` replaces the three that are there by default. A rule has these fields:

| field | meaning |
|---|---|
"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(_sections()) + RULES + "".join(_rule_rows())


def _sections() -> Iterator[str]:
    sections: dict[str, list[str]] = {"": []}
    for name, field in Settings.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            sections[name] = [_row(f"{name}.{own}", info) for own, info in inner.model_fields.items()]
        else:
            sections[""].append(_row(name, field))
    for name, rows in sections.items():
        title = f"## `{name}`" if name else "## The pipeline"
        yield f"\n{title}\n\n| setting | environment | default | meaning |\n|---|---|---|---|\n" + "".join(rows)


def _row(name: str, field: FieldInfo) -> str:
    variable = f"{PREFIX}{name.replace('.', '_')}".upper()
    meaning = f"{field.description}{_choices(field)}"
    return f"| `{name}` | `{variable}` | {_default(field)} | {meaning} |\n"


def _choices(field: FieldInfo) -> str:
    options = [field.annotation, *get_args(field.annotation)]
    for option in options:
        if get_origin(option) is Literal:
            return f" ({', '.join(f'`{value}`' for value in get_args(option))})"
    return ""


def _default(field: FieldInfo) -> str:
    value: Any = field.get_default(call_default_factory=True)
    if value is None or value == () or value == {}:
        return ""
    if isinstance(value, SecretStr):
        return f"`{value.get_secret_value()}`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple) and isinstance(value[0], BaseModel):
        return ", ".join(f"`{model.name}`" for model in value)
    return f"`{value}`" if value != "" else "empty"


def _rule_rows() -> Iterator[str]:
    rules = Settings().findings.rules
    for name, field in type(rules[0]).model_fields.items():
        default = "" if field.is_required() else f" Default: `{field.default}`."
        yield f"| `{name}` | {_sentence(field.description or '')}{default} |\n"
    yield "\nThe default rules:\n\n```yaml\nrules:\n"
    for rule in rules:
        levels = ", ".join(f"{number}: {word}" for number, word in rule.levels.items())
        yield (
            f"  - {{name: {rule.name}, group_by: {rule.group_by}, count: {rule.count}, window: {rule.window}, "
            f"levels: {{{levels}}}, hits: {rule.hits}}}\n"
        )
    yield "```\n"


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


if __name__ == "__main__":
    PAGE.write_text(page())
