"""Serves the page, its files and the login; nothing here contains data from mail."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from streams.console.request_guard import RequestGuard

STATIC = Path(__file__).parent / "static"
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
TOKEN_BYTES = 4_096
WRONG_TOKEN = b'    <p role="alert">This is not the token.</p>\n'


class Pages:
    """Serves the files of `static`, which are read once, at the start."""

    def __init__(self, guard: RequestGuard) -> None:
        self._guard = guard
        self._files = {
            path.name: (path.read_bytes(), TYPES[path.suffix]) for path in STATIC.iterdir() if path.suffix in TYPES
        }
        before, form, after = self._files["login.html"][0].partition(b"    <form")
        self._files["login-again.html"] = (before + WRONG_TOKEN + form + after, TYPES[".html"])

    def routes(self) -> list[web.RouteDef]:
        """The routes of the page, its files and the login."""
        return [
            web.get("/", self.index),
            web.get("/static/{name}", self.static),
            web.get("/login", self.login_form),
            web.post("/login", self.login),
        ]

    async def index(self, _request: web.Request) -> web.Response:
        return self._file("index.html")

    async def static(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in self._files or name.endswith(".html"):
            raise web.HTTPNotFound(reason="There is no such file.")
        return self._file(name)

    async def login_form(self, _request: web.Request) -> web.Response:
        return self._file("login.html")

    async def login(self, request: web.Request) -> web.Response:
        if (request.content_length or 0) > TOKEN_BYTES:
            raise web.HTTPRequestEntityTooLarge(TOKEN_BYTES, request.content_length or 0)
        token = (await request.post()).get("token", "")
        right = self._guard.try_token(request, token if isinstance(token, str) else "")
        if right is None:
            return web.Response(text="Too many wrong tokens: wait a minute.\n", status=429)
        if not right:
            return self._file("login-again.html", status=403)
        response = web.Response(status=303, headers={"Location": "/"})
        self._guard.log_in(request, response)
        return response

    def _file(self, name: str, status: int = 200) -> web.Response:
        body, content_type = self._files[name]
        headers = {"Cache-Control": "no-cache"}
        return web.Response(body=body, status=status, content_type=content_type, charset="utf-8", headers=headers)
