"""The checks of every request, and the headers of every response."""

from __future__ import annotations

import asyncio
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
            assert "Server" not in answer.headers
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
            async with client.get("/api/openapi.json") as answer:
                statuses.append(answer.status)
        assert statuses == [200] * 5 + [429] * 2
        async with client.get("/health") as answer:
            assert answer.status == 200, "a probe is never refused"

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


BEARER = {"Authorization": f"Bearer {TOKEN}"}


async def cookie_of(client: Client) -> dict[str, str]:
    """The header of a new session."""
    async with client.post("/login", data={"token": TOKEN}, allow_redirects=False) as answer:
        assert answer.status == 303
        client.session.cookie_jar.clear()
        return {"Cookie": f"{COOKIE}={SimpleCookie(answer.headers['Set-Cookie'])[COOKIE].value}"}


async def statuses(client: Client, path: str, count: int, headers: dict[str, str]) -> list[int]:
    """The statuses of `count` requests, one after the other."""
    found = []
    for _ in range(count):
        async with client.get(path, headers=headers) as answer:
            found.append(answer.status)
    return found


def test_wrong_tokens_are_limited_and_never_shut_out_the_right_one() -> None:
    async def test(client: Client, _store: ConsoleStore) -> None:
        session = await cookie_of(client)
        wrong = []
        for _ in range(6):
            async with client.post("/login", data={"token": "wrong"}) as answer:
                wrong.append(answer.status)
        assert wrong == [403] * 5 + [429]
        assert await statuses(client, "/api/findings", 2, {"Authorization": "Bearer wrong"}) == [429] * 2
        assert await statuses(client, "/api/findings", 1, BEARER) == [200]
        assert await statuses(client, "/api/findings", 1, session) == [200]
        assert await statuses(client, "/api/findings", 1, session | {"Authorization": "Bearer wrong"}) == [200]
        await cookie_of(client)

    serve(test, token=TOKEN)


def test_requests_without_a_login_take_nothing_from_those_with_one() -> None:
    async def test(client: Client, _store: ConsoleStore) -> None:
        session, other = await cookie_of(client), await cookie_of(client)
        assert await statuses(client, "/api/openapi.json", 7, {}) == [401] * 5 + [429] * 2
        assert await statuses(client, "/login", 7, {}) == [200] * 7
        assert await statuses(client, "/api/openapi.json", 6, session) == [200] * 5 + [429]
        assert await statuses(client, "/api/openapi.json", 6, other) == [200] * 5 + [429]
        assert await statuses(client, "/api/openapi.json", 6, BEARER) == [200] * 5 + [429]

    serve(test, token=TOKEN, requests_per_second=1)


def test_one_visitor_cannot_hold_all_streams() -> None:
    async def test(client: Client, _store: ConsoleStore) -> None:
        first, second = {"X-User": "jo"}, {"X-User": "al"}
        async with (
            client.get("/api/events", headers=first) as one,
            client.get("/api/events", headers=first) as two,
            client.get("/api/events", headers=first) as three,
            client.get("/api/events", headers=second) as other,
        ):
            assert [answer.status for answer in (one, two, three, other)] == [200, 200, 429, 200]
            assert "You have 2 pages open" in await three.text()

    serve(test, user_header="X-User", streams=8)


def test_who_has_the_token_shares_streams_by_session_behind_a_proxy_and_else_by_address() -> None:
    async def held(client: Client, _store: ConsoleStore) -> list[int]:
        headers = [await cookie_of(client) for _ in range(3)]
        async with (
            client.get("/api/events", headers=headers[0]) as one,
            client.get("/api/events", headers=headers[1]) as two,
            client.get("/api/events", headers=headers[2]) as three,
        ):
            return [answer.status for answer in (one, two, three)]

    assert serve(held, token=TOKEN, streams=8) == [200] * 3
    assert serve(held, token=TOKEN, streams=8, proxies="192.0.2.0/24") == [200, 200, 429]


def test_after_a_logout_the_cookie_is_worth_nothing() -> None:
    async def test(client: Client, store: ConsoleStore) -> None:
        session, other = await cookie_of(client), await cookie_of(client)
        async with client.get("/", headers=session) as answer:
            assert 'action="/logout"' in await answer.text()
        async with client.get("/api/events", headers=session) as stream:
            assert await stream.content.readline() == b"retry: 1000\n"
            async with client.post("/logout", headers=session, allow_redirects=False) as answer:
                assert (answer.status, answer.headers["Location"]) == (303, "/login")
                assert SimpleCookie(answer.headers["Set-Cookie"])[COOKIE]["max-age"] == "0"
            async with store.changed:
                store.mails += 1
                store.changed.notify_all()
            assert b"changes" not in await asyncio.wait_for(stream.content.read(), 10), "the stream ends"
        assert await statuses(client, "/api/findings", 1, session) == [401]
        assert await statuses(client, "/api/findings", 1, other) == [200]
        async with client.post("/logout", headers=session) as answer:
            assert answer.status == 401

    serve(test, token=TOKEN)


def test_without_a_login_there_is_no_logout() -> None:
    async def test(client: Client, _store: ConsoleStore) -> None:
        async with client.get("/") as answer:
            assert "/logout" not in await answer.text()

    serve(test)


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"token=%FF", "application/x-www-form-urlencoded; charset=bogus", 403),
        (b"\xff\xfe", "application/x-www-form-urlencoded", 403),
        (b"&".join([b"token=x"] * 100), "application/x-www-form-urlencoded", 403),
        (b"token=x", 'text/plain; charset="', 415),
        (b"--x\r\n", "multipart/form-data; boundary=x", 415),
        (b"x" * 9_000, "application/x-www-form-urlencoded", 413),
    ],
)
def test_a_login_that_is_no_form_is_refused(body: bytes, content_type: str, status: int) -> None:
    async def test(client: Client, _store: ConsoleStore) -> None:
        async with client.post("/login", data=body, headers={"Content-Type": content_type}) as answer:
            assert answer.status == status

    serve(test, token=TOKEN)


def test_behind_a_proxy_only_names_in_the_settings_are_answered() -> None:
    async def test(client: Client, _store: ConsoleStore) -> None:
        for host, status in (("evil.example", 421), ("soc.example.org", 200), ("10.0.0.7:6080", 200)):
            async with client.get("/api/findings", headers={"X-User": "jo", "Host": host}) as answer:
                assert answer.status == status

    serve(test, user_header="X-User", hosts="soc.example.org")


def test_a_proxy_names_the_visitor() -> None:
    async def test(client: Client, _store: ConsoleStore) -> None:
        async with client.get("/api/findings") as answer:
            assert answer.status == 401
        async with client.get("/api/findings", headers={"X-User": "jo"}) as answer:
            assert answer.status == 200

    serve(test, user_header="X-User")


def test_another_machine_is_not_a_proxy() -> None:
    async def test(client: Client, _store: ConsoleStore) -> None:
        async with client.get("/api/findings", headers={"X-User": "jo"}) as answer:
            assert answer.status == 401

    serve(test, user_header="X-User", proxies="192.0.2.0/24")
