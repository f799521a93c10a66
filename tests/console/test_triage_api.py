"""Deciding on findings over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from streams.clock import now_ms
from streams.config import load_settings
from streams.console.sse import event_id
from streams.console.store import ConsoleStore
from streams.events.hit import encode_hit
from streams.kafka.embedded import EmbeddedBroker
from streams.triage.topic import stored_decisions
from tests.console.samples import UIDS, found, hit
from tests.console.serve import Client, serve
from tests.console.test_access import TOKEN
from tests.console.test_api import check, fill, get

OWN = {"X-Straymail": "1", "Content-Type": "application/json"}
GOOD = {"action": "acknowledge", "uids": [UIDS[0]]}


async def post(client: Client, body: Any, status: int, **headers: str) -> Any:
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    async with client.post("/api/decisions", data=data, headers=OWN | headers) as answer:
        text = await answer.text()
        assert answer.status == status, text
        check("Decided" if status == 200 else "Error", orjson.loads(text))
        return orjson.loads(text)


@pytest.fixture
def brokers(embedded_broker: EmbeddedBroker) -> str:
    embedded_broker.create_topics({"mail.triage": 1})
    return embedded_broker.bootstrap


def test_decisions_are_stored_under_the_users_name_and_shown_at_once(brokers: str) -> None:
    async def test(client: Client, store: ConsoleStore) -> None:
        fill(store)
        ross, khan = {"X-User": "ross"}, {"X-User": "khan"}
        done = await post(
            client, {"action": "acknowledge", "uids": [*UIDS[:2], "0" * 32], "note": "calls"}, 200, **ross
        )
        assert [(row["status"], row["assignee"]) for row in done["findings"]] == [("in-progress", "ross")] * 2
        await post(client, {"action": "assign", "assignee": "khan", "uids": [UIDS[1]]}, 200, **ross)
        async with client.get("/api/cases", headers=khan) as answer:
            cases = orjson.loads(await answer.read())
        check("CasePage", cases)
        assert [(case["uid"], case["is_own"], case["findings"]) for case in cases["cases"]] == [
            (UIDS[1], True, 2),
            (UIDS[2], False, 1),
        ]
        async with client.get(f"/api/findings/{UIDS[0]}", headers=khan) as answer:
            whole = orjson.loads(await answer.read())
        check("Whole", whole)
        assert whole["decision"] | {"time_ms": 0} == {
            "status": "in-progress",
            "user": "ross",
            "time_ms": 0,
            "comment": "calls",
        }

    serve(test, brokers=brokers, user_header="X-User")
    stored = stored_decisions(load_settings(overrides={"brokers": brokers}))
    assert {uid: (each.user, each.assignee) for uid, each in stored.items()} == {
        UIDS[0]: ("ross", "ross"),
        UIDS[1]: ("ross", "khan"),
    }


def test_mail_that_the_page_had_not_shown_opens_what_is_resolved(brokers: str) -> None:
    async def test(client: Client, store: ConsoleStore) -> None:
        fill(store)
        seen = event_id(store, store.findings.version)
        store.findings.put(found(sequence=2, count=8))
        body = {"action": "resolve", "uids": [UIDS[0]]}
        (row,) = (await post(client, body | {"last_event_id": seen}, 200))["findings"]
        assert (row["status"], row["is_reopened"], row["count"]) == ("new", True, 8)
        (row,) = (await post(client, body, 200))["findings"]
        assert row["status"] == "resolved"

    serve(test, brokers=brokers)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X-Straymail": ""}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Content-Type": "text/plain"}, 415),
    ],
)
def test_no_page_of_another_site_can_decide(brokers: str, headers: dict[str, str], status: int) -> None:
    async def test(client: Client, store: ConsoleStore) -> None:
        fill(store)
        await post(client, GOOD, status, **headers)
        async with client.post(
            "/api/decisions", data=orjson.dumps(GOOD), headers={"Content-Type": "text/plain"}
        ) as one:
            assert one.status == 403, "a form of another site sends no header of its own"

    serve(test, brokers=brokers)


def test_who_is_not_named_may_read_and_not_decide() -> None:
    async def test(client: Client, store: ConsoleStore) -> None:
        fill(store)
        assert "console.triage" in (await post(client, GOOD, 403, **{"X-User": "jo"}))["error"]
        for user, may in (("jo", False), ("khan", True)):
            async with client.get("/api/overview", headers={"X-User": user}) as answer:
                overview = orjson.loads(await answer.read())
                assert (overview["user"], overview["may_decide"]) == (user, may)

    serve(test, user_header="X-User", triage="khan, ross")


def test_whoever_has_the_token_decides_by_its_name(brokers: str) -> None:
    async def test(client: Client, store: ConsoleStore) -> None:
        fill(store)
        await post(client, GOOD, 401)
        done = await post(client, GOOD, 200, Authorization=f"Bearer {TOKEN}")
        assert done["findings"][0]["assignee"] == "soc"

    serve(test, brokers=brokers, token=TOKEN, token_name="soc")  # noqa: S106 - not a secret


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [
        (b"", 400, "This is no decision"),
        (b"\xff", 400, "This is no decision"),
        (b"[" * 5_000, 400, "This is no decision"),
        ({**GOOD, "action": "delete"}, 400, "This is no decision"),
        ({**GOOD, "uids": []}, 400, "This is no decision"),
        ({**GOOD, "uids": ["<b>"]}, 400, "This is no decision"),
        ({**GOOD, "uids": [UIDS[0]] * 101}, 400, "This is no decision"),
        ({**GOOD, "action": "assign"}, 400, "the assignee is empty"),
        ({**GOOD, "note": "x" * 501}, 400, "the note has 501 characters"),
        ({**GOOD, "uids": ["0" * 32]}, 404, "no such finding"),
        (b"x" * 9_000, 413, ""),
    ],
)
def test_bodies_that_are_refused(body: Any, status: int, why: str) -> None:
    async def test(client: Client, store: ConsoleStore) -> None:
        fill(store)
        assert why in (await post(client, body, status))["error"]

    serve(test)


@pytest.mark.kafka  # it waits for seconds
def test_without_the_topic_it_is_one_sentence(embedded_broker: EmbeddedBroker) -> None:
    async def test(client: Client, store: ConsoleStore) -> None:
        fill(store)
        assert "mail.triage" in (await post(client, GOOD, 503))["error"]
        assert (await get(client, f"/api/findings/{UIDS[0]}"))["status"] == "new"

    serve(test, brokers=embedded_broker.bootstrap)


def test_the_lines_of_a_false_alarm_show_what_they_would_change(tmp_path: Path) -> None:
    path = tmp_path / "watchlist.yaml"
    path.write_text("watched: ['*.mil']\n")

    async def test(client: Client, store: ConsoleStore) -> None:
        fill(store)
        for number in range(3):
            each = hit(str(number), time=now_ms(), sender=f"{number}@mod.gov.uk")
            store.hits.put(each, encode_hit(each))
        lines = await get(client, f"/api/findings/{UIDS[0]}/lines")
        check("Lines", lines)
        assert lines["mails"] == 3
        assert [(each["domain"], each["change"], each["senders"]) for each in lines["allowed"]] == [
            ("army.ml", "lost", 3)
        ]
        await get(client, f"/api/findings/{UIDS[3]}/lines", 404)
        path.write_text("nonsense: [")
        assert "watchlist" in (await get(client, f"/api/findings/{UIDS[0]}/lines", 503))["error"]

    serve(test, watchlist=path)
