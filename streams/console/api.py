"""The part of the JSON API that reads. openapi.json in this folder describes all of it."""

from __future__ import annotations

from pathlib import Path

import orjson
from aiohttp import web

from streams.clock import now_ms
from streams.console.chart_filter import chart_filter
from streams.console.event_streams import EventStreams, TooManyStreamsError
from streams.console.finding_order import Sort
from streams.console.json_rows import case_row, row, whole
from streams.console.query import (
    BadQueryError,
    Filter,
    case_place_of,
    place_of,
    read_case_place,
    read_filter,
    read_limit,
    read_place,
    read_sort,
)
from streams.console.request_guard import VISITOR, RequestGuard, Visitor
from streams.console.responses import json_response, refusal
from streams.console.sse import event_id, events
from streams.console.store import ConsoleStore
from streams.events.safe_text import clean, clean_values
from streams.http.site import keep_open
from streams.severity import Severity

DESCRIPTION = Path(__file__).with_name("openapi.json")


class Api:
    """Serves the store."""

    def __init__(self, store: ConsoleStore, guard: RequestGuard) -> None:
        self._store, self._inputs, self._guard = store, store.inputs, guard
        self._streams = EventStreams(store.inputs.own.streams)
        self._description = orjson.loads(DESCRIPTION.read_bytes())

    def routes(self) -> list[web.RouteDef]:
        """The routes, one per path of openapi.json, and /health."""
        return [
            web.get("/health", self.health),
            web.get("/api/cases", self.cases),
            web.get("/api/findings", self.findings),
            web.get("/api/findings/{uid}", self.finding),
            web.get("/api/overview", self.overview),
            web.get("/api/events", self.events, allow_head=False),
            web.get("/api/openapi.json", self.description),
        ]

    async def health(self, _request: web.Request) -> web.Response:
        return web.Response(text="live\n")

    async def description(self, _request: web.Request) -> web.Response:
        return json_response(self._description)

    async def cases(self, request: web.Request) -> web.Response:
        try:
            wanted, sort = read_filter(request.query, now_ms()), read_sort(request.query)
            limit, place = read_limit(request.query), read_case_place(request.query)
        except BadQueryError as error:
            return refusal(request, 400, str(error))
        user, findings = request[VISITOR].user, self._store.findings
        page = findings.cases(wanted.choose, sort, user, place, limit)
        return json_response(
            {
                "cases": [case_row(case, user) for case in page.cases],
                "total": page.total,
                "next": case_place_of(page.cases[-1].lead, sort, user) if page.more else None,
                "last_event_id": event_id(self._store, findings.version),
            }
        )

    async def findings(self, request: web.Request) -> web.Response:
        try:
            wanted = read_filter(request.query, now_ms())
            limit, place = read_limit(request.query), read_place(request.query)
        except BadQueryError as error:
            return refusal(request, 400, str(error))
        page = self._store.findings.page(wanted.choose, place, limit)
        return json_response(
            {
                "findings": [row(finding) for finding in page.findings],
                "total": page.total,
                "next": place_of(page.findings[-1]) if page.more else None,
                "last_event_id": event_id(self._store, self._store.findings.version),
            }
        )

    async def finding(self, request: web.Request) -> web.Response:
        finding = self._store.findings.get(request.match_info["uid"])
        if finding is None:
            return refusal(request, 404, "There is no such finding; old ones are dropped.")
        return json_response(whole(finding, self._store))

    async def overview(self, request: web.Request) -> web.Response:
        store = self._store
        try:
            wanted = read_filter(request.query, now_ms())
        except BadQueryError as error:
            return refusal(request, 400, str(error))
        findings, visitor = store.findings, request[VISITOR]
        chosen = findings.chosen(wanted.choose)
        charts = store.activity.charts(now_ms(), wanted.since_ms, wanted.until_ms, chart_filter(wanted, chosen))
        return json_response(
            {
                "total": len(chosen),
                "open": {severity.word: findings.open_severities[severity] for severity in Severity},
                "user": clean(visitor.user),
                "may_decide": visitor.may_decide,
                "triage_problem": clean(store.triage_problem),
                "findings": len(findings),
                "dropped": findings.dropped,
                "hits": len(store.hits),
                "unreadable": store.unreadable,
                "problem": clean(store.problem),
                "severities": {severity.word: findings.severities[severity] for severity in Severity},
                "slips": sorted(slip for slip in findings.slips if slip),
                "rules": sorted({*findings.rules, *store.inputs.hits_of_rule}),
                "activity": clean_values(charts),
                "privacy": {"sender": self._inputs.sender_privacy, "recipient": self._inputs.recipient_privacy},
            }
        )

    async def events(self, request: web.Request) -> web.StreamResponse:
        try:
            wanted, sort = read_filter(request.query, now_ms()), read_sort(request.query)
        except BadQueryError as error:
            return refusal(request, 400, str(error))
        visitor = request[VISITOR]
        try:
            with self._streams.opened(visitor.holder):
                return await self._stream(request, visitor, wanted, sort)
        except TooManyStreamsError as error:
            return refusal(request, error.status, str(error))

    async def _stream(self, request: web.Request, visitor: Visitor, wanted: Filter, sort: Sort) -> web.StreamResponse:
        """Send events until the page is closed or its visitor has logged out."""
        if not keep_open(request):
            return refusal(request, 503, "Too many pages are open for this machine's limit of open files.")
        last = request.headers.get("Last-Event-ID") or request.query.get("last", "")
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        try:
            await response.prepare(request)
            async for event in events(self._store, wanted, sort, visitor.user, last):
                if not self._guard.is_still_let_in(visitor):
                    break
                await response.write(event)
        except ConnectionResetError:
            pass  # the page was closed
        return response
