"""Changes sent to a page, and where it goes on after a lost connection."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from streams.console.sse import ROWS_AT_ONCE, event_id, resume_at
from streams.console.store import ConsoleStore
from streams.severity import Severity
from streams.triage.decide import decide
from tests.console.samples import UIDS, found
from tests.console.serve import Client, serve, settings
from tests.console.test_api import check, fill, put


class Stream:
    """The events of /api/events, one after the other."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    async def next(self, kind: str) -> tuple[str, Any]:
        """The id and the data of the next event of that kind."""
        fields: dict[str, str] = {}
        while True:
            line = (await self._answer.content.readline()).decode().rstrip("\n")
            name, _, value = line.partition(": ")
            if name:
                fields[name] = value
            elif fields.get("event") == kind:
                return fields.get("id", ""), orjson.loads(fields["data"])
            else:
                fields = {}


def test_changes_are_sent_as_they_happen_and_after_a_lost_connection() -> None:
    async def test(client: Client, store: ConsoleStore) -> None:
        fill(store)
        async with client.get("/api/events?severity=medium") as answer:
            stream = Stream(answer)
            assert (await stream.next("status"))[1] == {"problem": ""}
            await put(store, found(sequence=2, count=8))
            last, changes = await stream.next("changes")
            check("Changes", changes)
            assert [(row["uid"], row["count"]) for row in changes["cases"]] == [(UIDS[0], 8)]
        other = found(uid=UIDS[3], sender="other@mod.gov.uk")
        await put(store, found(sequence=3, severity=Severity.LOW), other)
        async with client.get("/api/events?severity=medium", headers={"Last-Event-ID": last}) as answer:
            _, changes = await Stream(answer).next("changes")
            assert [row["uid"] for row in changes["cases"]] == [UIDS[3]]
            assert changes["gone"] == ["sender:desk@mod.gov.uk"]

    serve(test)


@pytest.mark.parametrize("last", ["00000000-1", "nonsense", "\u00e9"])
def test_another_process_s_events_lead_to_a_reset(last: str) -> None:
    async def test(client: Client, store: ConsoleStore) -> None:
        fill(store)
        async with client.get("/api/events", params={"last": last}) as answer:
            identity, _ = await Stream(answer).next("reset")
            assert identity == f"{store.epoch}-3"

    serve(test)


def test_a_flood_is_cut_and_marked_so() -> None:
    async def test(client: Client, store: ConsoleStore) -> None:
        async with client.get("/api/events") as answer:
            stream = Stream(answer)
            await stream.next("status")
            await put(
                store,
                *(found(uid=f"{number:032x}", sender=f"{number}@mod.gov.uk") for number in range(ROWS_AT_ONCE + 50)),
            )
            _, changes = await stream.next("changes")
            assert (len(changes["cases"]), changes["more"]) == (ROWS_AT_ONCE, True)

    serve(test)


def test_an_id_is_understood_by_its_own_process_alone() -> None:
    store, other = (ConsoleStore(settings().console_inputs()) for _ in range(2))
    assert resume_at(store, event_id(store, 12)) == 12
    assert resume_at(other, event_id(store, 12)) is None


@pytest.mark.parametrize("last", ["", "nonsense", "-12", "x-12", "12345678-", "12345678-1234567890123456"])
def test_a_malformed_id_is_none(last: str) -> None:
    store = ConsoleStore(settings().console_inputs())
    store.epoch = "12345678"
    assert resume_at(store, last) is None
    assert resume_at(store, "12345678-5") == 5


def test_a_change_of_one_finding_sends_its_whole_case_in_the_order_of_the_page() -> None:
    async def test(client: Client, store: ConsoleStore) -> None:
        fill(store)
        async with client.get("/api/events?sort=count") as answer:
            stream = Stream(answer)
            await stream.next("status")
            await put(store, found(uid=UIDS[1], sequence=2, count=9, severity=Severity.LOW))
            _, changes = await stream.next("changes")
            assert [(row["uid"], row["findings"]) for row in changes["cases"]] == [(UIDS[1], 2)]
            store.findings.decide(decide("resolve", found(uid=UIDS[1], count=9), None, user="khan", now_ms=1))
            await store.notify()
            _, changes = await stream.next("changes")
            assert [(row["uid"], row["open_uids"]) for row in changes["cases"]] == [(UIDS[0], [UIDS[0]])]

    serve(test)
