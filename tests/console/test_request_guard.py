"""The checks of every request, and the headers of every response."""

from __future__ import annotations

from http.cookies import SimpleCookie

import pytest

from streams.console.request_guard import COOKIE, HEADERS
from streams.console.store import ConsoleStore
from tests.console.serve import Client, serve
from tests.console.test_access import TOKEN

PATHS = ("/", "/static/main.js", "/api/findings", "/api/nosuch", "/nosuch", "/health", "/login")


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_the_headers(path: str) -> None:
    async def test(client: Client, _store: ConsoleStore) -> None:
        async with client.get(path) as answer:
            assert HEADERS.items() <= answer.headers.items()
            assert answer.headers["Cache-Control"] in ("no-store", "no-cache")
            assert not [name for name in answer.headers if name.startswith("Access-Control")]

    serve(test)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_it_is_read_only(method: str) -> None:
    async def test(client: Client, _store: ConsoleStore) -> None:
        for path in ("/", "/api/findings", "/api/events"):
            async with client.request(method, path) as answer:
                assert answer.status == 405

    serve(test)


def test_a_foreign_name_that_resolves_to_loopback_is_not_answered() -> None:
    async def test(client: Client, _store: ConsoleStore) -> None:
        async with client.get("/api/findings", headers={"Host": "evil.example"}) as answer:
            assert answer.status == 421
        async with client.get("/api/findings", headers={"Sec-Fetch-Site": "cross-site"}) as answer:
            assert answer.status == 403

    serve(test)


def test_too_many_requests_are_refused() -> None:
    async def test(client: Client, _store: ConsoleStore) -> None:
        statuses = []
        for _ in range(7):
            async with client.get("/health") as answer:
                statuses.append(answer.status)
        assert statuses == [200] * 5 + [429] * 2

    serve(test, requests_per_second=1)


def test_large_requests_are_refused() -> None:
    async def test(client: Client, _store: ConsoleStore) -> None:
        for length in (7_000, 70_000):
            async with client.get("/login", params={"x": "x" * length}) as answer:
                assert answer.status == (200 if length == 7_000 else 400)
        async with client.post("/login", data={"token": "x" * 70_000}) as answer:
            assert answer.status == 413

    serve(test, token=TOKEN)


def test_where_a_token_is_set_nothing_is_shown_without_it() -> None:
    async def test(client: Client, _store: ConsoleStore) -> None:
        for path in ("/api/findings", "/api/overview", "/api/events", "/api/openapi.json"):
            async with client.get(path) as answer:
                assert answer.status == 401
            async with client.get(path, headers={"Authorization": "Bearer wrong"}) as answer:
                assert answer.status == 401
        for path in ("/", "/static/main.js"):
            async with client.get(path, allow_redirects=False) as answer:
                assert (answer.status, answer.headers["Location"]) == (303, "/login")
        async with client.get("/api/findings", headers={"Authorization": f"Bearer {TOKEN}"}) as answer:
            assert answer.status == 200
        async with client.get("/login") as answer:
            assert 'name="token"' in await answer.text()

    serve(test, token=TOKEN)


def test_a_login_gives_a_cookie_of_this_site_alone() -> None:
    async def test(client: Client, _store: ConsoleStore) -> None:
        async with client.post("/login", data={"token": TOKEN}, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "/")
            cookie = SimpleCookie(answer.headers["Set-Cookie"])[COOKIE]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert not cookie["secure"]
        behind_tls = {"X-Forwarded-Proto": "https"}
        async with client.post("/login", data={"token": TOKEN}, allow_redirects=False, headers=behind_tls) as answer:
            assert SimpleCookie(answer.headers["Set-Cookie"])[COOKIE]["secure"]
        headers = {"Cookie": f"{COOKIE}={cookie.value}"}
        async with client.get("/api/findings", headers=headers) as answer:
            assert answer.status == 200

    serve(test, token=TOKEN)


def test_tokens_cannot_be_guessed() -> None:
    async def test(client: Client, _store: ConsoleStore) -> None:
        statuses = []
        for _ in range(6):
            async with client.post("/login", data={"token": "wrong"}) as answer:
                statuses.append(answer.status)
        assert statuses == [403] * 5 + [429]
        async with client.get("/api/findings", headers={"Authorization": f"Bearer {TOKEN}"}) as answer:
            assert answer.status == 401

    serve(test, token=TOKEN)


def test_a_proxy_names_the_visitor() -> None:
    async def test(client: Client, _store: ConsoleStore) -> None:
        async with client.get("/api/findings") as answer:
            assert answer.status == 401
        async with client.get("/api/findings", headers={"X-User": "jo", "Host": "soc.example.org"}) as answer:
            assert answer.status == 200

    serve(test, user_header="X-User")


def test_another_machine_is_not_a_proxy() -> None:
    async def test(client: Client, _store: ConsoleStore) -> None:
        async with client.get("/api/findings", headers={"X-User": "jo"}) as answer:
            assert answer.status == 401

    serve(test, user_header="X-User", proxies="192.0.2.0/24")
