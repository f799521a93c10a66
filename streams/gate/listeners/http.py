"""`POST /v1/check`, described by openapi.json in this folder: add-ins and web forms ask before a mail is sent."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import msgspec
import orjson
from aiohttp import web

from streams.errors import ConfigurationError
from streams.events.decode_errors import DECODER_ERRORS
from streams.events.safe_text import clean
from streams.gate.listeners.endpoint import Endpoint
from streams.gate.listeners.open_connections import is_local
from streams.gate.question import Answer, Gatekeeper, Question
from streams.gate.settings import GateSettings
from streams.http.site import BoundedSite, bound_responses

DESCRIPTION = Path(__file__).with_name("openapi.json")
BODY_BYTES = 128 * 1024
CLOSING_SECONDS = 2.0

_Address = Annotated[str, msgspec.Meta(min_length=1, max_length=320)]


class Check(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a request: the mail that somebody is about to send."""

    sender: Annotated[str, msgspec.Meta(max_length=320)]
    recipients: Annotated[list[_Address], msgspec.Meta(min_length=1, max_length=500)]


class CheckApi:
    """Answers checks; where `token` returns one, only those that bring it."""

    def __init__(self, gate: Gatekeeper, token: Callable[[], str | None], on_bad_request: Callable[[], None]) -> None:
        self._gate, self._token, self._on_bad_request = gate, token, on_bad_request
        self._description = DESCRIPTION.read_bytes()

    def application(self) -> web.Application:
        """The web application, whose responses are all JSON."""
        app = web.Application(client_max_size=BODY_BYTES, middlewares=[self._guard])
        bound_responses(app)
        app.add_routes([web.post("/v1/check", self._check), web.get("/v1/openapi.json", self._describe)])
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Callable[[web.Request], Any]) -> web.StreamResponse:
        given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        token = self._token()
        if token is not None and not hmac.compare_digest(given, f"Bearer {token}".encode()):
            return self._refuse(401, "Bring the token: Authorization: Bearer ...", {"WWW-Authenticate": "Bearer"})
        try:
            response: web.StreamResponse = await handler(request)
        except web.HTTPException as error:
            allow = error.headers.get("Allow")
            return self._refuse(error.status, error.reason, {"Allow": allow} if allow else None)
        return response

    async def _describe(self, _request: web.Request) -> web.Response:
        return web.Response(body=self._description, content_type="application/json")

    async def _check(self, request: web.Request) -> web.Response:
        if request.content_type != "application/json":  # a page of another site can't send it without asking
            return self._refuse(415, "The body is JSON: Content-Type: application/json.")
        try:
            check = msgspec.json.decode(await request.read(), type=Check)
        except DECODER_ERRORS as error:
            return self._refuse(400, clean(str(error)))
        rows: list[dict[str, Any]] = []

        def deliver(answers: list[Answer]) -> bool:
            rows.extend(map(_row, answers))
            return True

        await self._gate.ask(Question("http", check.sender, tuple(check.recipients)), deliver)
        return _json({"recipients": rows})

    def _refuse(self, status: int, why: str, headers: dict[str, str] | None = None) -> web.Response:
        self._on_bad_request()
        return _json({"error": why}, status, headers)


def usable_token(own: GateSettings, http: str | None) -> str | None:
    """The token of these settings for a listener at this address; None without one. Raises ConfigurationError where it
    can't be read, or where anybody on the network could ask."""
    token = own.http_token()
    if token is None and http is not None and not Endpoint.parse(http).is_local:
        raise ConfigurationError(
            f"gate.http is {http}, where others can reach it: set gate.token (or token_file), or listen on 127.0.0.1"
        )
    return token


@asynccontextmanager
async def serving_checks(
    gate: Gatekeeper,
    own: GateSettings,
    endpoint: Endpoint,
    token: Callable[[], str | None],
    most: int,
    count_by: Callable[[Callable[[], float]], None],
    on_bad_request: Callable[[], None],
) -> AsyncIterator[None]:
    """Answer checks for as long as the block lasts, with at most so many connections; `count_by` gets a function that
    counts the open ones. Raises OSError where the address can't be used, LookupError where there is no such group, and
    ConfigurationError where anybody on the network could ask."""
    usable_token(own, own.http)
    runner = web.AppRunner(CheckApi(gate, token, on_bad_request).application(), shutdown_timeout=CLOSING_SECONDS)
    await runner.setup()
    try:
        site = _CheckSite(runner, endpoint, most, own.socket_group)
        await site.start()
        count_by(site.open_connections)
        yield
    finally:
        await runner.cleanup()
        endpoint.remove()


class _CheckSite(BoundedSite):
    def __init__(self, runner: web.AppRunner, endpoint: Endpoint, most: int, group: str | None) -> None:
        super().__init__(runner, endpoint.host, endpoint.port, most, is_local)
        self._endpoint, self._group = endpoint, group

    @property
    def name(self) -> str:
        return f"http://{self._endpoint}"

    async def listen(self, factory: Callable[[], asyncio.Protocol]) -> asyncio.Server:
        return await self._endpoint.listen(factory, self._backlog, self._group)


def _row(answer: Answer) -> dict[str, Any]:
    verdict = answer.verdict
    return {
        "recipient": answer.recipient,
        "action": answer.action,
        "why": answer.why,
        "text": answer.reply,
        "verdict": None
        if verdict is None
        else {**verdict._asdict(), "score": round(verdict.score, 5), "explanation": clean(verdict.explanation)},
    }


def _json(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(body=orjson.dumps(data), status=status, content_type="application/json", headers=headers)
