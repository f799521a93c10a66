"""The API returns what its description says, and no more."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from jsonschema_rs import Draft202012Validator

from streams.console.api import DESCRIPTION
from streams.console.store import ConsoleStore
from streams.events.finding import Evidence
from streams.events.hit import encode_hit
from streams.severity import Severity
from tests.cli.finding import START_MS
from tests.console.samples import UIDS, found, hit
from tests.console.serve import Client, serve

OPENAPI: dict[str, Any] = orjson.loads(DESCRIPTION.read_bytes())


def closed(schema: Any) -> Any:
    """The schema, with no other properties than those that it names."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: closed(value) for name, value in schema.items()}
    return inner | {"additionalProperties": False} if "properties" in inner and inner.get("type") == "object" else inner


def check(name: str, answer: Any) -> None:
    """Assert that the answer matches the schema of that name, and that the schema describes all its fields."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": closed(OPENAPI["components"])}
    Draft202012Validator(schema).validate(answer)


def fill(store: ConsoleStore) -> None:
    mail = Evidence("desk@mod.gov.uk", ["ops@army.ml"], "<1@mod.gov.uk>", 9, "Itinerary")
    store.findings.put(found(evidences=[mail]))
    store.findings.put(found(uid=UIDS[1], severity=Severity.LOW, last_seen_ms=START_MS + 9))
    leak = found(uid=UIDS[2], rule="domain-leak", group_by="domain", sender=None, last_seen_ms=START_MS + 10)
    store.findings.put(leak)
    for each in (hit("1"), hit("2", "deferred", subject="x", attachment_count=2, size=1, source="postfix")):
        store.hits.put(each, encode_hit(each))
        store.activity.count(each)


async def get(client: Client, path: str, status: int = 200) -> Any:
    async with client.get(path) as answer:
        assert answer.status == status, await answer.text()
        return orjson.loads(await answer.read())


def test_every_route_is_described_and_every_description_is_a_route() -> None:
    async def test(client: Client, store: ConsoleStore) -> None:
        routes = {r.resource.canonical for r in client.app.router.routes() if r.resource}
        assert {path for path in routes if path.startswith("/api/")} == OPENAPI["paths"].keys()
        assert await get(client, "/api/openapi.json") == OPENAPI

    serve(test)


def test_answers_are_as_described() -> None:
    async def test(client: Client, store: ConsoleStore) -> None:
        check("Overview", await get(client, "/api/overview"))
        fill(store)
        overview = await get(client, "/api/overview?severity=medium")
        check("Overview", overview)
        assert (overview["total"], overview["findings"], overview["hits"]) == (2, 3, 2)
        check("Page", await get(client, "/api/findings"))
        for uid in UIDS[:3]:
            check("Whole", await get(client, f"/api/findings/{uid}"))
        check("Error", await get(client, f"/api/findings/{UIDS[3]}", 404))
        for path in (
            "/api/findings?severity=x",
            "/api/findings?limit=0",
            "/api/overview?since=x",
            "/api/events?since=x",
        ):
            check("Error", await get(client, path, 400))

    serve(test)


def test_pages_follow_each_other() -> None:
    async def test(client: Client, store: ConsoleStore) -> None:
        fill(store)
        first = await get(client, "/api/findings?limit=2")
        second = await get(client, f"/api/findings?limit=2&after={first['next']}")
        uids = [row["uid"] for row in first["findings"] + second["findings"]]
        assert uids == [UIDS[0], UIDS[2], UIDS[1]]
        assert (first["total"], second["next"]) == (3, None)

    serve(test)


def test_a_finding_has_its_mails_its_evidence_and_its_alert() -> None:
    async def test(client: Client, store: ConsoleStore) -> None:
        fill(store)
        whole = await get(client, f"/api/findings/{UIDS[0]}")
        assert whole["deliveries"] == {"delivered": 1, "deferred": 1}
        assert {mail["message_id"] for mail in whole["mails"]} == {"<1@mod.gov.uk>", "<2@mod.gov.uk>"}
        assert whole["evidences"][0]["email"]["subject"] == "Itinerary"
        assert whole["alert"]["class_uid"] == 2004
        assert whole["advice"][0]["do"] == "Delete the deferred mail from the queue"

    serve(test)


async def put(store: ConsoleStore, *findings: Any) -> None:
    for finding in findings:
        store.findings.put(finding)
    async with store.changed:
        store.changed.notify_all()


def test_the_number_of_open_pages_is_limited() -> None:
    async def test(client: Client, store: ConsoleStore) -> None:
        async with client.get("/api/events"):
            check("Error", await get(client, "/api/events", 503))
        await put(store, found())
        for _ in range(100):
            async with client.get("/api/events") as answer:
                if answer.status == 200:
                    return
            await asyncio.sleep(0.05)
        raise AssertionError("the place of the page that was closed is not free again")

    serve(test, streams=1)
