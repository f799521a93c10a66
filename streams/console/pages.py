"""Serves the page, its files and the login; nothing here contains data from mail."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs

from aiohttp import web

from streams.console.request_guard import TOO_MANY_WRONG, RequestGuard

STATIC = Path(__file__).parent / "static"
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
FIELDS = 10
FORM = "application/x-www-form-urlencoded"
LOG_OUT = b'      <form method="post" action="/logout"><button class="quiet">Log out</button></form>\n'
WRONG_TOKEN = b'    <p role="alert">This is not the token.</p>\n'


class Pages:
    """Serves the files of `static`, which are read once, at the start."""

    def __init__(self, guard: RequestGuard) -> None:
        self._guard = guard
        self._files = {
            path.name: (path.read_bytes(), TYPES[path.suffix]) for path in STATIC.iterdir() if path.suffix in TYPES
        }
        if guard.has_login:
            page, content_type = self._files["index.html"]
            before, tools, after = page.partition(b'      <button id="theme"')
            self._files["index.html"] = (before + LOG_OUT + tools + after, content_type)
        before, form, after = self._files["login.html"][0].partition(b"    <form")
        self._files["login-again.html"] = (before + WRONG_TOKEN + form + after, TYPES[".html"])

    def routes(self) -> list[web.RouteDef]:
        """The routes of the page, its files and the login."""
        return [
            web.get("/", self.index),
            web.get("/static/{name}", self.static),
            web.get("/login", self.login_form),
            web.post("/login", self.login),
            web.post("/logout", self.logout),
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
        right = self._guard.try_token(request, await _token(request))
        if right is None:
            return web.Response(text=f"{TOO_MANY_WRONG}\n", status=429)
        if not right:
            return self._file("login-again.html", status=403)
        response = web.Response(status=303, headers={"Location": "/"})
        self._guard.log_in(request, response)
        return response

    async def logout(self, request: web.Request) -> web.Response:
        response = web.Response(status=303, headers={"Location": "/login" if self._guard.has_login else "/"})
        self._guard.log_out(request, response)
        return response

    def _file(self, name: str, status: int = 200) -> web.Response:
        body, content_type = self._files[name]
        headers = {"Cache-Control": "no-cache"}
        return web.Response(body=body, status=status, content_type=content_type, charset="utf-8", headers=headers)


async def _token(request: web.Request) -> str:
    """The token in the form; empty where there is none. Raises HTTPException for what isn't this form."""
    if request.headers.get("Content-Type", FORM).partition(";")[0].strip().lower() != FORM:
        raise web.HTTPUnsupportedMediaType(reason=f"Send the token as {FORM}.")
    try:
        fields = parse_qs((await request.read()).decode(), strict_parsing=True, max_num_fields=FIELDS)
    except web.RequestPayloadError:
        raise web.HTTPBadRequest(reason="The body of the request can't be read.") from None
    except ValueError:  # not UTF-8, or not a form
        return ""
    return fields.get("token", [""])[0]
