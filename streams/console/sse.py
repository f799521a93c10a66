"""Server-sent events: what has changed of the findings that a page shows, resumed after a break."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import orjson

from streams.console.findings import Change
from streams.console.json_rows import row
from streams.console.query import Filter
from streams.console.store import ConsoleStore

ROWS_AT_ONCE = 200
"""More changes than these between two events and the page is told to load its list anew."""
PAUSE_SECONDS = 0.5
ALIVE_SECONDS = 15.0
RETRY_MS = 1_000


def event_id(known: ConsoleStore, version: int) -> str:
    """What a page sends back as Last-Event-ID."""
    return f"{known.epoch}-{version}"


def resume_at(known: ConsoleStore, last: str) -> int | None:
    """The version that a page has seen; None where it is another process's, or nobody's."""
    seen = re.fullmatch(r"([0-9a-f]{8})-([0-9]{1,15})", last)
    return int(seen[2]) if seen and seen[1] == known.epoch else None


async def events(known: ConsoleStore, wanted: Filter, last: str) -> AsyncIterator[bytes]:
    """The stream for one page, from after the event `last` on; empty `last` begins with what comes now.

    `changes` has the rows that the filter takes and the uids that it takes no more; `reset` says that the list has to
    be loaded anew; `status` tells whether Kafka answers.
    """
    yield f"retry: {RETRY_MS}\n\n".encode()
    version: int | None = known.findings.version if not last else resume_at(known, last)
    mails, problem = known.mails, None
    while True:
        if known.problem != problem:
            problem = known.problem
            yield _event("status", {"problem": problem})
        changes = None if version is None else known.findings.since(version)
        version = known.findings.version
        if changes is None:
            yield _event("reset", {}, event_id(known, version))
        elif changes or known.mails != mails:
            yield _event("changes", _told(known, wanted, changes, known.mails - mails), event_id(known, version))
        mails = known.mails
        await asyncio.sleep(PAUSE_SECONDS)
        if not await _changed(known, (version, mails, problem)):
            yield b": alive\n\n"


async def _changed(known: ConsoleStore, seen: tuple[int, int, str]) -> bool:
    """True once something has; False after a while without."""
    try:
        async with known.changed:
            await asyncio.wait_for(
                known.changed.wait_for(lambda: (known.findings.version, known.mails, known.problem) != seen),
                ALIVE_SECONDS,
            )
    except TimeoutError:
        return False
    return True


def _told(known: ConsoleStore, wanted: Filter, changes: list[Change], mails: int) -> dict[str, Any]:
    rows, gone = [], []
    for change in changes:
        now = known.findings.get(change.uid)
        if now is not None and wanted.takes(now):
            rows.append(now)
        elif change.before is not None and wanted.takes(change.before):
            gone.append(change.uid)
    more = len(rows) > ROWS_AT_ONCE or len(gone) > ROWS_AT_ONCE
    return {
        "findings": [row(finding) for finding in rows[-ROWS_AT_ONCE:]],
        "gone": gone[:ROWS_AT_ONCE],
        "more": more,
        "mails": mails,
    }


def _event(kind: str, data: dict[str, Any], identity: str = "") -> bytes:
    line = f"id: {identity}\n" if identity else ""
    return f"event: {kind}\n{line}data: ".encode() + orjson.dumps(data) + b"\n\n"
