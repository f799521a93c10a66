"""The HTTP listener answers as its description says, and only to whom it should."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import ClientSession, UnixConnector
from jsonschema_rs import Draft202012Validator

from streams.errors import ConfigurationError
from streams.gate.listeners.http import DESCRIPTION
from streams.gate.question import WHYS, Question
from tests.gate.listeners.tiny_gate import Served, bad_requests, open_connections, serve

OPENAPI: dict[str, Any] = orjson.loads(DESCRIPTION.read_bytes())
TOKEN = "a token of the gate"  # noqa: S105  # of this test
MAIL = {"sender": "desk@mod.example", "recipients": ["ops@army.ml", "ops@army.mil"]}

Test = Callable[[ClientSession, Served], Awaitable[None]]


def client(folder: Path, test: Test, **own: Any) -> None:
    """Run the test with a client of the HTTP listener."""

    async def run(served: Served) -> None:
        async with ClientSession("http://gate", connector=UnixConnector(str(folder / "http"))) as session:
            await test(session, served)

    serve(folder, run, **own)


def check(name: str, value: Any) -> None:
    """Assert that the value matches the schema of that name in the description."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": OPENAPI["components"]}
    Draft202012Validator(schema).validate(value)


def test_each_recipient_has_an_answer(tmp_path: Path) -> None:
    async def test(session: ClientSession, served: Served) -> None:
        async with session.post("/v1/check", json=MAIL) as response:
            assert response.status == 200
            answers = await response.json()
        check("Answers", answers)
        wrong, right = answers["recipients"]
        assert (wrong["recipient"], wrong["action"], wrong["why"]) == ("ops@army.ml", "refuse", "asked")
        assert wrong["text"].startswith("[straymail] army.ml is probably a mistake for army.mil")
        assert (wrong["verdict"]["intended"], wrong["verdict"]["score"]) == ("army.mil", 0.99)
        assert right == {
            "recipient": "ops@army.mil",
            "action": "pass",
            "why": "no-slip",
            "text": None,
            "verdict": None,
        }
        assert served.gate.asked == [Question("http", "desk@mod.example", ("ops@army.ml", "ops@army.mil"))]
        assert open_connections(served.metrics, "http") == 1

    client(tmp_path, test)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, b""),
        (400, b"[]"),
        (400, b"{"),
        (400, b"\xff"),
        (400, orjson.dumps({"sender": "a@b"})),
        (400, orjson.dumps({**MAIL, "recipients": []})),
        (400, orjson.dumps({**MAIL, "recipients": [""]})),
        (400, orjson.dumps({**MAIL, "recipients": ["x" * 321]})),
        (400, orjson.dumps({**MAIL, "recipients": ["a@b"] * 501})),
        (400, orjson.dumps({**MAIL, "sender": None})),
        (400, orjson.dumps({**MAIL, "login": "desk"})),
        (400, b"[" * 100_000),
        (400, b'{"x":' + b"[" * 100_000),
        (413, b"x" * 200_000),
    ],
)
def test_what_is_no_check_is_refused_with_the_reason(tmp_path: Path, status: int, body: bytes) -> None:
    async def test(session: ClientSession, served: Served) -> None:
        async with session.post("/v1/check", data=body, headers={"Content-Type": "application/json"}) as response:
            assert response.status == status
            check("Error", await response.json())
        assert (served.gate.asked, bad_requests(served.metrics, "http")) == ([], 1)

    client(tmp_path, test)


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/v1/check", 405), ("GET", "/", 404), ("PUT", "/v1/openapi.json", 405)]
)
def test_other_paths_and_methods(tmp_path: Path, method: str, path: str, status: int) -> None:
    async def test(session: ClientSession, served: Served) -> None:
        async with session.request(method, path) as response:
            assert response.status == status
            assert ("Allow" in response.headers) == (status == 405)
            assert "Server" not in response.headers
            check("Error", await response.json())

    client(tmp_path, test)


def test_a_form_of_another_site_is_refused(tmp_path: Path) -> None:
    async def test(session: ClientSession, served: Served) -> None:
        async with session.post("/v1/check", data=orjson.dumps(MAIL), headers={"Content-Type": "text/plain"}) as answer:
            assert answer.status == 415

    client(tmp_path, test)


def test_with_a_token_only_who_brings_it_is_answered(tmp_path: Path) -> None:
    async def test(session: ClientSession, served: Served) -> None:
        for given in ("", TOKEN, f"Bearer {TOKEN}x", "Bearer \u00e9", f"Basic {TOKEN}"):
            async with session.post("/v1/check", json=MAIL, headers={"Authorization": given}) as response:
                assert (response.status, response.headers["WWW-Authenticate"]) == (401, "Bearer")
                check("Error", await response.json())
        async with session.get("/v1/openapi.json") as response:
            assert response.status == 401
        async with session.post("/v1/check", json=MAIL, headers={"Authorization": f"Bearer {TOKEN}"}) as response:
            assert response.status == 200

    client(tmp_path, test, token=TOKEN)


def test_a_new_token_is_required_at_once(tmp_path: Path) -> None:
    async def test(session: ClientSession, served: Served) -> None:
        served.token = "another token of the gate"  # noqa: S105  # of this test
        for token, status in ((TOKEN, 401), (served.token, 200)):
            async with session.post("/v1/check", json=MAIL, headers={"Authorization": f"Bearer {token}"}) as response:
                assert response.status == status

    client(tmp_path, test, token=TOKEN)


def test_the_description_is_served_and_describes_every_route_and_reason(tmp_path: Path) -> None:
    async def test(session: ClientSession, served: Served) -> None:
        async with session.get("/v1/openapi.json") as response:
            assert await response.json() == OPENAPI

    client(tmp_path, test)
    assert OPENAPI["paths"].keys() == {"/v1/check", "/v1/openapi.json"}
    assert OPENAPI["components"]["schemas"]["Answer"]["properties"]["why"]["enum"] == list(WHYS)
    check("Check", MAIL)


def test_an_address_that_others_reach_needs_a_token(tmp_path: Path) -> None:
    async def test(served: Served) -> None:
        raise AssertionError("it listens")

    with pytest.raises(ConfigurationError, match=r"gate\.token"):
        serve(tmp_path, test, http="0.0.0.0:10041")
