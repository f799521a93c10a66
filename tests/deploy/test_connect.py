"""The Kafka Connect settings: what they say of alerts holds for the alert's schema, and for real alerts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.backtest.history import events, plan
from tests.backtest.test_run import run
from tests.deploy.ecs import ECS_FIELDS, LABELS
from tests.schemas.load import is_valid, schema

FOLDER = Path(__file__).parents[2] / "deploy" / "connect"
CONNECTORS = ("splunk", "elasticsearch", "opensearch", "s3")
TYPES: dict[str, tuple[set[str], type | tuple[type, ...]]] = {
    "keyword": ({"string"}, str),
    "text": ({"string"}, str),
    "date": ({"integer"}, int),
    "integer": ({"integer"}, int),
    "long": ({"integer"}, int),
    "float": ({"number"}, (int, float)),
    "boolean": ({"boolean"}, bool),
}
"""Of each type of an index: what the schema may call it, and what JSON reads it as."""
SECRET = re.compile(r"token|password|secret")


def load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return loaded


def fields(mapping: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """The leaves of an index mapping, with their types."""
    for name, field in mapping["properties"].items():
        if "properties" in field:
            yield from fields(field, (*path, name))
        else:
            yield (*path, name), field["type"]


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A node of the schema, with what it refers to and what its lists hold."""
    yield node
    if "$ref" in node:
        yield from nodes(schema("alert")["$defs"][node["$ref"].rpartition("/")[2]])
    for part in (node.get("items"), *node.get("anyOf", ()), *node.get("oneOf", ())):
        if isinstance(part, dict):
            yield from nodes(part)


def types_at(path: tuple[str, ...]) -> set[str]:
    """What the alert's schema says of a field; nothing where it knows none."""
    level = [schema("alert")]
    for name in path:
        level = [node["properties"][name] for one in level for node in nodes(one) if name in node.get("properties", {})]
    found: set[str] = set()
    for one in level:
        for node in nodes(one):
            values = [node["const"]] if "const" in node else node.get("enum", [])
            found |= {{str: "string", int: "integer", bool: "boolean"}[type(value)] for value in values}
            found |= {node["type"]} if isinstance(node.get("type"), str) else set(node.get("type", ()))
    return found - {"array", "null"}


def values_at(document: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """The values of a field in an alert, through its lists."""
    if isinstance(document, list):
        for one in document:
            yield from values_at(one, path)
    elif not path:
        yield document
    elif isinstance(document, dict) and path[0] in document:
        yield from values_at(document[path[0]], path[1:])


TEMPLATE_FIELDS = list(fields(load("index-template")["template"]["mappings"]))


@pytest.fixture(scope="module")
def alerts() -> list[Any]:
    _, found = run(
        (orjson.dumps(event | {"subject": "A", "size": 9, "labels": ["X"]}) for event in events(5_000)), plan()
    )
    assert all(is_valid("alert", alert) for alert in found)
    return found


@pytest.mark.parametrize("name", CONNECTORS)
def test_a_connector_reads_alerts_and_holds_no_secret(name: str) -> None:
    connector = load(name)
    config = connector["config"]
    assert connector["name"] == f"straymail-{name}"
    assert all(isinstance(value, str) for value in config.values())
    assert config["topics"] == "mail.alerts"
    assert config["value.converter"].endswith(".JsonConverter")
    assert config["value.converter.schemas.enable"] == "false"
    assert config["key.converter"].endswith(".StringConverter")
    secrets = {setting: value for setting, value in config.items() if SECRET.search(setting)}
    assert all(value.startswith("${file:") for value in secrets.values())


def test_s3_files_by_a_time_that_every_alert_has() -> None:
    field = load("s3")["config"]["timestamp.field"]
    assert field in schema("alert")["required"]
    assert types_at((field,)) == {"integer"}


@pytest.mark.parametrize("template", ["index-template", "ecs-index-template"])
@pytest.mark.parametrize("name", ["elasticsearch", "opensearch"])
def test_one_document_a_finding_in_an_index_of_the_template(name: str, template: str) -> None:
    config = load(name)["config"]
    assert (config["key.ignore"], config["schema.ignore"]) == ("false", "true")
    (pattern,) = load(template)["index_patterns"]
    assert config["topics"].startswith(pattern.rstrip("*"))


@pytest.mark.parametrize(("path", "kind"), TEMPLATE_FIELDS, ids=[".".join(path) for path, _ in TEMPLATE_FIELDS])
def test_the_template_agrees_with_the_schema(path: tuple[str, ...], kind: str) -> None:
    assert types_at(path) <= TYPES[kind][0] | ({"integer"} if kind == "float" else set())
    assert types_at(path), "the schema has no such field"


def test_the_template_agrees_with_real_alerts(alerts: list[Any]) -> None:
    seen = set()
    for alert in alerts:
        for path, kind in TEMPLATE_FIELDS:
            for value in values_at(alert, path):
                assert isinstance(value, TYPES[kind][1]), (path, value)
                assert kind == "boolean" or not isinstance(value, bool)
                seen.add(path)
    assert {("time",), ("unmapped", "straymail", "domains", "slip"), ("evidences", "email", "message_uid")} <= seen


def test_the_second_template_has_the_fields_of_ecs_with_their_types() -> None:
    template = load("ecs-index-template")["template"]
    mapped = {".".join(path): kind for path, kind in fields(template["mappings"])}
    assert mapped == {name: field.type for name, field in ECS_FIELDS.items()}
    assert template["mappings"]["properties"][LABELS]["dynamic"] is True


def test_the_pipeline_sets_fields_of_ecs_and_names_its_version() -> None:
    pipeline = load("ecs-pipeline")
    (kept,) = [each["script"]["params"]["kept"] for each in pipeline["processors"] if "kept" in str(each)]
    assert set(kept) == {name.partition(".")[0] for name in ECS_FIELDS}
    targets = {
        body["field"] if kind == "set" else body["target_field"]: body.get("value")
        for each in pipeline["processors"]
        for kind, body in each.items()
        if kind in ("set", "date", "rename")
    }
    assert targets.keys() <= ECS_FIELDS.keys()
    source = (Path(__file__).parent / "ecs-fields.tsv").read_text()
    assert f"tag v{targets['ecs.version']} " in source
    assert pipeline["description"].endswith(f"ECS {targets['ecs.version']}")
