"""The AsyncAPI document: every reference resolves, and the topics are those that the code creates."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema_rs import Draft7Validator

from streams import __version__
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.names import Topic, wanted_topics
from tests.schemas.load import FOLDER, NAMES

OFFICIAL = FOLDER.parent / "node_modules/@asyncapi/specs/schemas/3.0.0.json"
DOCUMENT: dict[str, Any] = yaml.safe_load((FOLDER / "asyncapi.yaml").read_text(encoding="utf-8"))
TOPICS = {topic.name: topic for topic in wanted_topics(KafkaSettings())}
CHANNELS = {channel["address"]: channel for channel in DOCUMENT["channels"].values()}


def references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from references(inner)


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    """The target of a reference within the document; the part itself if it is not a reference."""
    found: Any = DOCUMENT
    for name in part["$ref"].removeprefix("#/").split("/") if "$ref" in part else ():
        found = found[name]
    return part if found is DOCUMENT else found


def test_every_reference_resolves() -> None:
    inside = {reference for reference in references(DOCUMENT) if reference.startswith("#/")}
    assert all(resolved({"$ref": reference}) for reference in inside)
    outside = set(references(DOCUMENT)) - inside
    assert outside == {f"./{name}.json" for name in NAMES if name not in ("verdict", "watchlist")}


def test_it_is_of_this_version() -> None:
    assert DOCUMENT["info"]["version"] == __version__


def test_the_topics_are_those_of_the_code() -> None:
    assert set(CHANNELS) == set(TOPICS)


@pytest.mark.parametrize("topic", TOPICS.values(), ids=list(TOPICS))
def test_a_topic_is_as_the_code_makes_it(topic: Topic) -> None:
    binding = resolved(CHANNELS[topic.name]["bindings"])["kafka"]
    config = {
        name: ",".join(value) if isinstance(value, list) else str(value)
        for name, value in binding["topicConfiguration"].items()
    }
    assert (binding["partitions"], config) == (topic.partitions, topic.config)


def test_every_channel_is_used() -> None:
    used = {operation["channel"]["$ref"] for operation in DOCUMENT["operations"].values()}
    assert used == {f"#/channels/{name}" for name in DOCUMENT["channels"]}


def test_it_is_valid_by_the_schema_of_asyncapi() -> None:
    if not OFFICIAL.is_file():
        pytest.skip("needs the npm package: npm install --no-save @asyncapi/specs@6.11.1")
    official = json.loads(Path(OFFICIAL).read_text(encoding="utf-8"))
    assert [error.message for error in Draft7Validator(official).iter_errors(DOCUMENT)] == []
