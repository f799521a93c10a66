"""How many connections a listener has, and how many bytes they keep."""

from __future__ import annotations

import asyncio

from streams.gate.listeners.open_connections import OpenConnections, is_local


class Conn:
    def __init__(self) -> None:
        self.ends: list[str] = []

    def stop(self) -> None:
        self.ends.append("stop")

    def abort(self) -> None:
        self.ends.append("abort")


def room(most: int, most_bytes: int = 0) -> OpenConnections:
    return OpenConnections(most, most_bytes, lambda: None)


def test_one_that_has_asked_stays_when_others_only_open_connections() -> None:
    together, asker = room(4), Conn()
    assert together.add(asker, "127.0.0.1")
    together.keep(asker)
    flood = [Conn() for _ in range(10)]
    assert all(together.add(each, "127.0.0.1") for each in flood)
    assert asker.ends == []
    assert [each.ends for each in flood] == [["abort"]] * 7 + [[]] * 3


def test_one_address_elsewhere_has_a_quarter() -> None:
    together = room(8)
    remote = [Conn() for _ in range(3)]
    assert all(together.add(each, "192.0.2.1") for each in remote)
    assert [len(each.ends) for each in remote] == [1, 0, 0]


def test_a_socket_and_loopback_are_local() -> None:
    assert [is_local(peer) for peer in ("", "127.0.0.1", "::1", "::ffff:127.0.0.1")] == [True] * 4
    assert [is_local(peer) for peer in ("192.0.2.1", "2001:db8::1", "mx.example")] == [False] * 3


def test_bytes_are_a_budget() -> None:
    together = room(1, 10)
    assert together.take_bytes(7)
    assert not together.take_bytes(4)
    together.give_bytes(7)
    assert together.take_bytes(10)


def test_who_stops_admits_no_other_and_waits_for_all() -> None:
    async def stop() -> None:
        together, connection = room(4), Conn()
        together.add(connection, "")
        together.stop()
        assert connection.ends == ["stop"]
        assert not together.add(Conn(), "")
        waiting = asyncio.create_task(together.all_closed())
        await asyncio.sleep(0)
        assert not waiting.done()
        together.abort()
        together.remove(connection)
        together.remove(connection)
        await waiting
        assert (connection.ends, len(together)) == (["stop", "abort"], 0)

    asyncio.run(stop())


def test_nothing_to_wait_for_without_a_connection() -> None:
    async def stop() -> None:
        together = room(1)
        together.stop()
        await together.all_closed()

    asyncio.run(stop())
