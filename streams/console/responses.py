"""The console's responses: JSON, and refusals with their reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from aiohttp import web


def json_response(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """A response with the data as JSON."""
    return web.Response(body=orjson.dumps(data), status=status, content_type="application/json", headers=headers)


def refusal(request: web.Request, status: int, why: str, headers: Mapping[str, str] | None = None) -> web.Response:
    """An error response with the reason in one sentence: as JSON for the API, else as text."""
    if request.path.startswith("/api/"):
        return json_response({"error": why}, status, headers)
    return web.Response(text=f"{why}\n", status=status, headers=headers)
