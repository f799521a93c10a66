"""Clients that are slow, that never read, and that leave."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from streams.gate.listeners import connection
from streams.gate.listeners.milter_packets import packet
from tests.gate.listeners.milter_client import OFFER, REFUSE, connect, mail, read_packet
from tests.gate.listeners.test_policy import PASSES, REFUSES, request
from tests.gate.listeners.tiny_gate import Served, all_of, bad_requests, open_connections, serve

PARTS = [("policy", b""), ("policy", b"request="), ("milter", b""), ("milter", packet(b"O", OFFER)[:9])]


@pytest.mark.parametrize(("protocol", "part"), PARTS)
def test_who_doesnt_finish_a_first_request_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protocol: str, part: bytes
) -> None:
    monkeypatch.setattr(connection, "REQUEST_SECONDS", 0.05)

    async def test(served: Served) -> None:
        async with served.connected(protocol) as (reader, writer):
            writer.write(part)
            assert await all_of(reader) == b""
        assert bad_requests(served.metrics, protocol) == 1

    serve(tmp_path, test)


def test_who_was_asked_may_wait_but_not_in_the_middle_of_a_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "REQUEST_SECONDS", 0.05)

    async def test(served: Served) -> None:
        async with served.connected("policy") as (reader, writer):
            writer.write(request())
            assert await reader.readexactly(len(REFUSES)) == REFUSES
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.15):
                    await reader.read(1)
            writer.write(request() + request()[:50])
            assert await all_of(reader) == REFUSES

    serve(tmp_path, test)


def test_who_sends_a_long_packet_slowly_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "REQUEST_SECONDS", 0.05)

    async def test(served: Served) -> None:
        async with served.connected("milter") as (reader, writer):
            writer.write(packet(b"O", OFFER))
            await read_packet(reader)
            writer.write(packet(b"B", b"x" * 100_000)[:50_000])
            assert (await all_of(reader))[4:] in (b"", b"c")

    serve(tmp_path, test)


def test_who_never_reads_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "STALLED_SECONDS", 0.05)

    async def test(served: Served) -> None:
        async with served.connected("policy") as (reader, writer):
            reader._transport.pause_reading()  # type: ignore[attr-defined]  # it would read 128 kB ahead
            writer.write(b"\n\n" * (connection.MOST_WAITING // 2))
            while not bad_requests(served.metrics, "policy"):  # noqa: ASYNC110  # a client that doesn't read sees nothing
                await asyncio.sleep(0.01)
        assert bad_requests(served.metrics, "policy") == 1

    serve(tmp_path, test)


def test_who_reads_late_gets_all_answers(tmp_path: Path) -> None:
    count = connection.MOST_WAITING // 2  # their answers don't fit into the buffers

    async def test(served: Served) -> None:
        async with served.connected("policy") as (reader, writer):
            writer.write(b"\n\n" * count)
            assert await reader.readexactly(len(PASSES) * count) == PASSES * count

    serve(tmp_path, test)


def test_a_gate_that_stops_answers_what_is_in_flight_and_closes_the_rest(tmp_path: Path) -> None:
    async def test(served: Served) -> None:
        async with served.connected("policy") as (idle, _), served.connected("policy") as (reader, writer):
            served.gate.is_open.clear()
            writer.write(request())
            await served.gate.was_asked.wait()
            stopping = asyncio.create_task(served.listeners.aclose())
            assert await all_of(idle) == b""
            assert not stopping.done()
            served.gate.is_open.set()
            assert await all_of(reader) == REFUSES
            await stopping
        with pytest.raises(FileNotFoundError):
            await asyncio.open_unix_connection(tmp_path / "policy")

    serve(tmp_path, test)


def test_who_leaves_before_the_answer_does_no_harm(tmp_path: Path) -> None:
    async def test(served: Served) -> None:
        served.gate.is_open.clear()
        async with served.connected("policy") as (_, writer):
            writer.write(request())
            await served.gate.was_asked.wait()
            writer.transport.abort()
        served.gate.is_open.set()
        async with served.connected("policy") as (reader, writer):
            writer.write(request())
            assert await reader.readexactly(len(REFUSES)) == REFUSES

    serve(tmp_path, test)


def test_the_gate_knows_that_a_mail_system_has_left_before_the_answer(tmp_path: Path) -> None:
    async def test(served: Served) -> None:
        served.gate.is_open.clear()
        async with served.connected("milter") as (_, writer):
            writer.write(packet(b"O", OFFER) + connect() + mail("ops@army.ml"))
            await served.gate.was_asked.wait()
        while open_connections(served.metrics, "milter"):  # noqa: ASYNC110  # a client that is gone sees nothing
            await asyncio.sleep(0.01)
        served.gate.is_open.set()
        async with served.connected("milter") as (reader, writer):
            writer.write(packet(b"O", OFFER) + connect() + mail("ops@army.ml"))
            assert [await read_packet(reader) for _ in range(2)][1] == REFUSE
        assert served.gate.delivered == [False, True]

    serve(tmp_path, test)
