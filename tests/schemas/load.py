"""The schemas of the repository, and validators for them."""

import json
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft202012Validator

FOLDER = Path(__file__).parents[2] / "schemas"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


def schema(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(schema(name), validate_formats=True)


def is_valid(name: str, document: object) -> bool:
    return validator(name).is_valid(document)
