"""The JSON API; openapi.json beside it describes it."""

from __future__ import annotations

from pathlib import Path

import orjson
from aiohttp import web

from streams.clock import now_ms
from streams.console.json_rows import row, whole
from streams.console.query import BadQueryError, place_of, read_filter, read_limit, read_place
from streams.console.responses import json_answer, refusal
from streams.console.sse import event_id, events
from streams.console.store import ConsoleStore
from streams.severity import Severity

DESCRIPTION = Path(__file__).with_name("openapi.json")


class Api:
    """Reads what is known; changes nothing."""

    def __init__(self, known: ConsoleStore) -> None:
        self._known, self._inputs = known, known.inputs
        self._open = 0
        self._description = orjson.loads(DESCRIPTION.read_bytes())

    def routes(self) -> list[web.RouteDef]:
        """Where each is found."""
        return [
            web.get("/health", self.health),
            web.get("/api/findings", self.findings),
            web.get("/api/findings/{uid}", self.finding),
            web.get("/api/overview", self.overview),
            web.get("/api/events", self.events),
            web.get("/api/openapi.json", self.description),
        ]

    async def health(self, _request: web.Request) -> web.Response:
        return web.Response(text="live\n")

    async def description(self, _request: web.Request) -> web.Response:
        return json_answer(self._description)

    async def findings(self, request: web.Request) -> web.Response:
        try:
            wanted = read_filter(request.query, now_ms())
            limit, place = read_limit(request.query), read_place(request.query)
        except BadQueryError as error:
            return refusal(request, 400, str(error))
        page = self._known.findings.page(wanted.choose, place, limit)
        return json_answer(
            {
                "findings": [row(finding) for finding in page.findings],
                "total": page.total,
                "next": place_of(page.findings[-1]) if page.more else None,
                "last_event_id": event_id(self._known, self._known.findings.version),
            }
        )

    async def finding(self, request: web.Request) -> web.Response:
        finding = self._known.findings.get(request.match_info["uid"])
        if finding is None:
            return refusal(request, 404, "There is no such finding, or it is so old that it was dropped.")
        return json_answer(whole(finding, self._known))

    async def overview(self, request: web.Request) -> web.Response:
        known = self._known
        try:
            wanted = read_filter(request.query, now_ms())
        except BadQueryError as error:
            return refusal(request, 400, str(error))
        found = known.findings
        return json_answer(
            {
                "total": found.total(wanted.choose),
                "findings": len(found),
                "dropped": found.dropped,
                "hits": len(known.hits),
                "unreadable": known.unreadable,
                "problem": known.problem,
                "severities": {severity.word: found.severities[severity] for severity in Severity},
                "slips": sorted(slip for slip in found.slips if slip),
                "rules": sorted({*found.rules, *known.inputs.hits_of_rule}),
                "activity": known.activity.charts(now_ms(), wanted.since_ms),
                "privacy": {"sender": self._inputs.sender_privacy, "recipient": self._inputs.recipient_privacy},
            }
        )

    async def events(self, request: web.Request) -> web.StreamResponse:
        try:
            wanted = read_filter(request.query, now_ms())
        except BadQueryError as error:
            return refusal(request, 400, str(error))
        most = self._inputs.own.streams
        if self._open >= most:
            return refusal(request, 503, f"{most} pages are open already: close one, or raise console.streams.")
        last = request.headers.get("Last-Event-ID") or request.query.get("last", "")
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        self._open += 1
        try:
            await response.prepare(request)
            async for event in events(self._known, wanted, last):
                await response.write(event)
        except ConnectionResetError:
            return response  # the page was closed
        finally:
            self._open -= 1
        return response
