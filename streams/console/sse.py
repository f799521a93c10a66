"""Server-sent events: changes of the cases that a page shows, resumed after a lost connection."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import orjson

from streams.console.finding_index import FindingChange
from streams.console.finding_order import Sort
from streams.console.json_rows import case_row
from streams.console.query import Filter
from streams.console.store import ConsoleStore
from streams.events.safe_text import clean

ROWS_AT_ONCE = 200
"""Changed rows in one event at most; with more, the event tells the page to load its list again."""
PAUSE_SECONDS = 0.5
KEEPALIVE_SECONDS = 15.0
RETRY_MS = 1_000


def event_id(store: ConsoleStore, version: int) -> str:
    """The id of an event, which a page sends back as Last-Event-ID."""
    return f"{store.epoch}-{version}"


def resume_at(store: ConsoleStore, last: str) -> int | None:
    """The version that a page has seen; None where the id is malformed, or from another process."""
    seen = re.fullmatch(r"([0-9a-f]{8})-([0-9]{1,15})", last)
    return int(seen[2]) if seen and seen[1] == store.epoch else None


async def events(store: ConsoleStore, wanted: Filter, sort: Sort, user: str, last: str) -> AsyncIterator[bytes]:
    """The stream for a user's page, from after the event `last`; an empty `last` begins with the next change.

    `changes` has the rows of cases that match the filter and the names of those that no longer do; `reset` tells the
    page to load its list again; `status` has the store's problem with Kafka, or an empty string.
    """
    yield f"retry: {RETRY_MS}\n\n".encode()
    version: int | None = store.findings.version if not last else resume_at(store, last)
    mails, problem = store.mails, None
    while True:
        if store.problem != problem:
            problem = store.problem
            yield _event("status", {"problem": clean(problem)})
        changes = None if version is None else store.findings.since(version)
        version = store.findings.version
        if changes is None:
            yield _event("reset", {}, event_id(store, version))
        elif changes or store.mails != mails:
            data = _changes(store, wanted, sort, user, changes) | {"mails": store.mails - mails}
            yield _event("changes", data, event_id(store, version))
        mails = store.mails
        await asyncio.sleep(PAUSE_SECONDS)
        if not await _changed(store, (version, mails, problem)):
            yield b": alive\n\n"


async def _changed(store: ConsoleStore, seen: tuple[int, int, str]) -> bool:
    """Wait for a change; False after KEEPALIVE_SECONDS without one."""
    try:
        async with store.changed:
            await asyncio.wait_for(
                store.changed.wait_for(lambda: (store.findings.version, store.mails, store.problem) != seen),
                KEEPALIVE_SECONDS,
            )
    except TimeoutError:
        return False
    return True


def _changes(
    store: ConsoleStore, wanted: Filter, sort: Sort, user: str, changes: list[FindingChange]
) -> dict[str, Any]:
    rows, removed, done = [], [], set()
    for change in changes:
        now = store.findings.get(change.uid)
        name = now.case if now is not None else change.before.case if change.before is not None else ""
        if name in done:
            continue
        done.add(name)
        case = store.findings.case(name, wanted.choose, sort, user)
        if case.findings:
            rows.append(case)
        elif change.before is not None:
            removed.append(name)
    more = len(rows) > ROWS_AT_ONCE or len(removed) > ROWS_AT_ONCE
    return {
        "cases": [case_row(case, user) for case in rows[-ROWS_AT_ONCE:]],
        "gone": removed[:ROWS_AT_ONCE],
        "more": more,
    }


def _event(kind: str, data: dict[str, Any], identity: str = "") -> bytes:
    line = f"id: {identity}\n" if identity else ""
    return f"event: {kind}\n{line}data: ".encode() + orjson.dumps(data) + b"\n\n"
