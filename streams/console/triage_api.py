"""The part of the JSON API that decides: stores what visitors decide on findings, and shows what a line for the
watchlist would change. openapi.json in this folder describes it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from aiohttp import web

from streams.clock import now_ms, today
from streams.console.json_rows import row
from streams.console.request_guard import OWN_HEADER, VISITOR, is_of_own_page
from streams.console.responses import json_response, refusal
from streams.console.sse import resume_at
from streams.console.store import ConsoleStore
from streams.console.stored_finding import StoredFinding
from streams.detection.watchlist_diff import Difference
from streams.domains.watchlist.file import read_watchlist
from streams.errors import StraymailError, UsageError
from streams.events.decode_errors import DECODER_ERRORS
from streams.events.hit import TypoHit
from streams.events.safe_text import clean, clean_values
from streams.triage.decide import TriageAction, decide
from streams.triage.decision import FindingUid, TriageDecision
from streams.triage.false_alarm import LOOK_BACK_MS, Judging, LineEffects, concerns, line_effects
from streams.triage.topic import store_decisions

MOST_AT_ONCE = 100
STORING_AT_ONCE = 4
"""Decisions that wait for Kafka at the same time: each has a connection of its own for as long as it lasts."""


class DecisionRequest(msgspec.Struct, frozen=True):
    """The body of a decision: what to do with which findings. `decide` bounds the texts. `last_event_id` is that of the
    last event which the page had: mail that came later was not seen."""

    action: TriageAction
    uids: Annotated[list[FindingUid], msgspec.Meta(min_length=1, max_length=MOST_AT_ONCE)]
    assignee: str = ""
    note: str = ""
    last_event_id: str = ""


_decode = msgspec.json.Decoder(DecisionRequest).decode


class TriageApi:
    """Decides on the findings of the store."""

    def __init__(self, store: ConsoleStore) -> None:
        self._store = store
        self._storing, self._judging = asyncio.Semaphore(STORING_AT_ONCE), asyncio.Semaphore(1)

    def routes(self) -> list[web.RouteDef]:
        """The routes, one per path of openapi.json."""
        return [
            web.post("/api/decisions", self.decide),
            web.get("/api/findings/{uid}/lines", self.lines),
        ]

    async def decide(self, request: web.Request) -> web.Response:
        """Store a decision; the answer has the findings as they stand by it."""
        if not is_of_own_page(request):
            return refusal(request, 403, f"Decisions are taken from this page, or with the header {OWN_HEADER}.")
        if not request[VISITOR].may_decide:
            return refusal(request, 403, "You may not decide on findings: console.triage doesn't name you.")
        if request.content_type != "application/json":
            return refusal(request, 415, "Send the decision as application/json.")
        try:
            wanted = _decode(await request.read())
            decisions = self._decisions(wanted, request[VISITOR].user)
        except DECODER_ERRORS as error:
            return refusal(request, 400, f"This is no decision: {clean(str(error))}.")
        except UsageError as error:
            return refusal(request, 400, f"{error}.")
        if not decisions:
            return refusal(request, 404, "There is no such finding; old ones are dropped.")
        async with self._storing:
            try:
                await asyncio.to_thread(store_decisions, self._store.inputs.kafka, decisions)
            except StraymailError as error:
                return refusal(request, 503, clean(str(error)))
        return json_response({"findings": await self._take(decisions)})

    async def lines(self, request: web.Request) -> web.Response:
        """What the lines that would silence a finding's domain would change about the mails that are kept."""
        store, uid = self._store, request.match_info["uid"]
        finding = store.findings.get(uid)
        if finding is None:
            return refusal(request, 404, "There is no such finding; old ones are dropped.")
        domain, since_ms = finding.view().domain, now_ms() - LOOK_BACK_MS
        hits = [hit for hit in store.hits.to_domain(domain) if concerns(domain, hit, since_ms)]
        async with self._judging:
            try:
                effects = await asyncio.to_thread(self._effects, domain, hits, since_ms)
            except StraymailError as error:
                return refusal(request, 503, clean(str(error)))
        return json_response(_effects_row(effects))

    def _decisions(self, wanted: DecisionRequest, user: str) -> list[TriageDecision]:
        """A decision for each finding that is known. Raises UsageError."""
        findings, now = self._store.findings, now_ms()
        seen = self._seen(wanted.last_event_id)
        known = [
            seen.get(uid, finding) for uid in dict.fromkeys(wanted.uids) if (finding := findings.get(uid)) is not None
        ]
        return [
            decide(
                wanted.action,
                finding,
                findings.decision(finding.uid),
                user=user,
                now_ms=now,
                assignee=wanted.assignee,
                note=wanted.note,
            )
            for finding in known
        ]

    def _seen(self, last_event_id: str) -> dict[str, StoredFinding]:
        """The findings that have changed since an event, as they were then."""
        version = resume_at(self._store, last_event_id)
        changes = None if version is None else self._store.findings.since(version)
        return {change.uid: change.before for change in changes or () if change.before is not None}

    async def _take(self, decisions: list[TriageDecision]) -> list[dict[str, Any]]:
        """Show the decisions at once: they come from the topic a moment later, in the order that all consoles see."""
        findings = self._store.findings
        for decision in decisions:
            findings.decide(decision)
        await self._store.notify()
        return [row(finding) for each in decisions if (finding := findings.get(each.finding_uid)) is not None]

    def _effects(self, domain: str, hits: list[TypoHit], since_ms: int) -> LineEffects:
        inputs = self._store.inputs
        judging = Judging(read_watchlist(inputs.watchlist, today=today()), inputs.scorer)
        return line_effects(domain, hits, judging, since_ms=since_ms)


def _effects_row(effects: LineEffects) -> dict[str, Any]:
    since = datetime.fromtimestamp(effects.since_ms / 1000, tz=UTC).date().isoformat()
    return {
        "since": since,
        "mails": effects.mails,
        "allowed": [_difference(each) for each in effects.allowed],
        "known": [_difference(each) for each in effects.known],
    }


def _difference(one: Difference) -> dict[str, Any]:
    scores = [None if verdict is None else round(verdict.score, 2) for verdict in (one.old, one.new)]
    fields = {"domain": one.domain, "change": one.change, "mails": one.mails, "senders": len(one.senders)}
    cleaned: dict[str, Any] = clean_values(fields)
    return {**cleaned, "score_before": scores[0], "score_after": scores[1]}
