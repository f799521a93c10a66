"""Decisions in a file: what is stored outlives the gate, and a file that can't be used is a problem, not an end."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path

import pytest

from streams.gate import file_store
from streams.gate.confirmations import Ask, AskKey, Confirmations, asked_record, confirmed_record, withdrawn_record
from streams.gate.file_store import FileStore
from streams.gate.refused_event import refused_event
from streams.gate.store import NotStoredError
from tests.gate.gates import MINUTE, START_MS, run
from tests.kafka.clients.running import until

PAIR = "a" * 32
KEY = AskKey(PAIR, str(START_MS))
ASKED = asked_record(KEY, Ask(START_MS, "policy", "navy.ml", "navy.mil", "c" * 32))
CONFIRMED = confirmed_record(PAIR, START_MS)
KEEP_MS = 24 * 60 * MINUTE


def store_at(path: Path, now_ms: int = START_MS) -> FileStore:
    return FileStore(path, Confirmations(60 * MINUTE, KEEP_MS), lambda: now_ms, keep_ms=KEEP_MS)


@asynccontextmanager
async def opened(path: Path, now_ms: int = START_MS) -> AsyncIterator[FileStore]:
    store = store_at(path, now_ms)
    running = asyncio.ensure_future(store.run())
    try:
        await until(lambda: store.problem is None)
        yield store
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


def test_decisions_outlive_the_gate(tmp_path: Path) -> None:
    async def work() -> None:
        path = tmp_path / "gate.sqlite"
        async with opened(path) as first:
            await first.put([ASKED, CONFIRMED])
            assert first.confirmations.is_confirmed(PAIR, START_MS)
        async with opened(path) as second:
            assert second.confirmations.sizes == {"asked": 1, "confirmed": 1}
            second.put_later([withdrawn_record(KEY)])
        async with opened(path) as third:
            assert third.confirmations.sizes == {"asked": 0, "confirmed": 1}
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    run(work())


def test_of_two_mails_at_once_both_outlive_the_gate(tmp_path: Path) -> None:
    async def work() -> None:
        path = tmp_path / "gate.sqlite"
        asks = [
            Ask(START_MS + 5 * n, "milter", "navy.ml", "navy.mil", "c" * 32, mail * 32) for n, mail in enumerate("de")
        ]
        async with opened(path) as first:
            await asyncio.gather(*(first.put([asked_record(AskKey.of(PAIR, ask), ask)]) for ask in asks))
        async with opened(path) as second:
            found = second.confirmations.open_ask(PAIR, "milter", START_MS + 10)
            assert found is not None
            assert found[1] == asks[0]
            assert all(second.confirmations.was_refused(PAIR, ask.mail) for ask in asks)

    run(work())


def test_records_of_other_types_are_no_end_of_the_gate(tmp_path: Path) -> None:
    path = tmp_path / "gate.sqlite"

    async def work() -> None:
        async with opened(path):
            pass
        with closing(sqlite3.connect(path)) as database, database:
            rows = [("asked:x", "{}"), (1, 2), (None, None), (CONFIRMED[0].decode(), CONFIRMED[1])]
            database.executemany("INSERT INTO decisions VALUES (?, ?, 9e15)", rows)
        async with opened(path) as store:
            assert store.confirmations.sizes == {"asked": 0, "confirmed": 1}
            assert store.confirmations.unreadable == 3

    run(work())


def test_what_is_published_goes_nowhere(tmp_path: Path) -> None:
    event = refused_event("jo@mod.gov.uk", "sam@navy.ml", ask_id="1", mail_id="2", asked_ms=START_MS)
    store_at(tmp_path / "gate.sqlite").publish(event)


def test_old_decisions_are_deleted(tmp_path: Path) -> None:
    path = tmp_path / "gate.sqlite"

    async def work() -> None:
        async with opened(path) as store:
            await store.put([CONFIRMED])
        async with opened(path, START_MS + KEEP_MS + 1) as store:
            await store.put([])

    run(work())
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT count(*) FROM decisions").fetchone() == (0,)


def test_nothing_is_stored_before_it_is_open(tmp_path: Path) -> None:
    store = store_at(tmp_path / "gate.sqlite")
    assert store.problem is not None
    with pytest.raises(NotStoredError):
        run(store.put([ASKED]))
    assert not store.confirmations.sizes["asked"]


@pytest.mark.parametrize("kind", ["no folder", "not a database", "in use"])
def test_a_file_that_cannot_be_used_is_tried_again(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(file_store, "RETRY_SECONDS", 0.01)
    path = tmp_path / "folder" / "gate.sqlite"
    if kind != "no folder":
        path.parent.mkdir()
    if kind == "not a database":
        path.write_bytes(b"x" * 5000)

    async def work() -> None:
        store = store_at(path)
        running = asyncio.ensure_future(store.run())
        await until(lambda: "can't use" in (store.problem or ""))
        match kind:
            case "no folder":
                path.parent.mkdir()
            case "not a database":
                path.unlink()
        await until(lambda: store.problem is None)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    async def in_use() -> None:
        async with opened(path) as other:
            await other.put([ASKED])
            store = store_at(path)
            running = asyncio.ensure_future(store.run())
            await until(lambda: "locked" in (store.problem or ""))
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

    run(in_use() if kind == "in use" else work())
    assert caplog.text.count("can't use") == 1
    gc.collect()  # from Python 3.13 on, a connection that was left open is an error here


def test_a_full_disk_is_a_problem_of_the_record(tmp_path: Path) -> None:
    async def work() -> None:
        async with opened(tmp_path / "gate.sqlite") as store:
            await store._in_thread(lambda: store._database.execute("PRAGMA max_page_count = 1"))  # type: ignore[union-attr]
            many = [confirmed_record(f"{number:032x}", START_MS) for number in range(1_000)]
            with pytest.raises(NotStoredError, match="full"):
                await store.put(many)
            assert len(store.confirmations) == 0
            store.put_later([CONFIRMED])
            assert store.problem is None

    run(work())
