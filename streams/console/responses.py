"""How the console answers: JSON, and refusals that say why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from aiohttp import web


def json_answer(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """The data as JSON."""
    return web.Response(body=orjson.dumps(data), status=status, content_type="application/json", headers=headers)


def refusal(request: web.Request, status: int, why: str, headers: Mapping[str, str] | None = None) -> web.Response:
    """A status with the reason in one sentence: JSON for the API, else text."""
    if request.path.startswith("/api/"):
        return json_answer({"error": why}, status, headers)
    return web.Response(text=f"{why}\n", status=status, headers=headers)
