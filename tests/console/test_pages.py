"""The files of the page."""

from __future__ import annotations

from pathlib import Path

from streams.console.pages import STATIC
from streams.console.server import BODY_BYTES
from streams.console.store import ConsoleStore
from tests.console.serve import Client, serve


def test_every_file_of_the_page_is_served_and_nothing_else() -> None:
    async def test(client: Client, _store: ConsoleStore) -> None:
        for path in STATIC.iterdir():
            async with client.get(f"/static/{path.name}") as answer:
                assert answer.status == (404 if path.suffix == ".html" else 200)
        for name in ("..%2fapi.py", "nosuch.js", "%2e%2e/api.py"):
            async with client.get(f"/static/{name}") as answer:
                assert answer.status == 404

    serve(test)


def test_the_page_asks_for_nothing_from_elsewhere() -> None:
    for path in STATIC.iterdir():
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "://" not in text, path.name
        assert not [sink for sink in ("innerHTML", "outerHTML", "insertAdjacentHTML", "eval(") if sink in text]


def test_the_pages_refer_only_to_files_that_exist() -> None:
    text = (STATIC / "index.html").read_text(encoding="utf-8")
    named = [part.partition('"')[0] for part in text.split("/static/")[1:]]
    assert named
    assert all(Path(STATIC / name).is_file() for name in named)


def test_a_wrong_token_is_told_on_the_login_page_and_a_huge_one_is_refused() -> None:
    async def test(client: Client, _store: ConsoleStore) -> None:
        own = {"Origin": str(client.make_url("/"))[:-1]}
        async with client.post("/login", data={"token": "wrong"}, headers=own) as answer:
            assert answer.status == 403
            assert "This is not the token." in await answer.text()
        async with client.post("/login", data={"token": "x" * BODY_BYTES}, headers=own) as answer:
            assert answer.status == 413

    serve(test, token="a token of sixteen or more")  # noqa: S106 - not a secret
