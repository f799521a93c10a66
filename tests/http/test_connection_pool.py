"""Which connection is closed for a new one."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.http.connection_pool import ConnectionPool, address_group

NUMBERS = count()


@dataclass(eq=False)
class FakeConnection:
    """A connection that only remembers that it was closed."""

    number: int = field(default_factory=lambda: next(NUMBERS))
    closed: bool = False

    def abort(self) -> None:
        self.closed = True


def fill(pool: ConnectionPool, *peers: str) -> list[FakeConnection]:
    connections = [FakeConnection() for _ in peers]
    for connection, peer in zip(connections, peers, strict=True):
        assert pool.add(connection, peer)
    return connections


def closed(connections: list[FakeConnection]) -> list[int]:
    return [index for index, connection in enumerate(connections) if connection.closed]


@pytest.mark.parametrize(
    ("peer", "group"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::1", "::1"),
        ("", ""),
        ("/run/socket", "/run/socket"),
    ],
)
def test_an_address_counts_as_one_machine_may_choose_it(peer: str, group: str) -> None:
    assert address_group(peer) == group


def test_an_address_closes_its_own_oldest() -> None:
    pool = ConnectionPool(8)
    others = fill(pool, "192.0.2.9", "192.0.2.8")
    own = fill(pool, *["192.0.2.1"] * 5)
    assert closed(own) == [0, 1, 2]
    assert closed(others) == []
    assert len(pool) == 4


def test_a_shared_address_is_bounded_by_all_alone() -> None:
    pool = ConnectionPool(8, lambda peer: peer == "127.0.0.1")
    assert closed(fill(pool, *["127.0.0.1"] * 8)) == []


def test_when_all_are_used_up_the_address_with_most_closes_one() -> None:
    pool = ConnectionPool(8, lambda peer: peer == "127.0.0.1")
    one = fill(pool, "192.0.2.1")
    many = fill(pool, *["127.0.0.1"] * 7)
    fill(pool, "192.0.2.2")
    assert (closed(one), closed(many)) == ([], [0])


def test_a_pinned_connection_stays_and_half_may_be_pinned() -> None:
    pool = ConnectionPool(4, lambda _: True)
    connections = fill(pool, *["192.0.2.1"] * 4)
    assert [pool.pin(connection, "192.0.2.1") for connection in connections] == [True, True, False, False]
    fill(pool, *["192.0.2.2"] * 3)
    assert closed(connections) == [2, 3]
    pool.remove(connections[0], "192.0.2.1")
    assert len(pool) == 3


def test_what_is_not_open_cannot_be_pinned() -> None:
    assert not ConnectionPool(4).pin(FakeConnection(), "192.0.2.1")


def test_a_new_one_is_refused_where_all_others_are_pinned() -> None:
    pool = ConnectionPool(4)
    (connection,) = fill(pool, "192.0.2.1")
    assert pool.pin(connection, "192.0.2.1")
    assert not pool.add(FakeConnection(), "192.0.2.1")
    assert pool.add(FakeConnection(), "192.0.2.2")


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from(["add", "pin", "remove"]), st.integers(0, 50))))
def test_whatever_happens_the_bounds_hold_and_the_newest_is_open(steps: list[tuple[str, str, int]]) -> None:
    pool = ConnectionPool(8, lambda peer: peer == "e")
    added: list[tuple[FakeConnection, str]] = []
    for peer, step, which in steps:
        if step == "add":
            connection = FakeConnection()
            if pool.add(connection, peer):
                added.append((connection, peer))
        elif added:
            connection, own = added[which % len(added)]
            if step == "pin" and not connection.closed:
                pool.pin(connection, own)
            elif step == "remove":
                pool.remove(connection, own)
                added.remove((connection, own))
        still = [own for connection, own in added if not connection.closed]
        assert len(pool) == len(still) <= 8
        assert max((still.count(peer) for peer in "abcd"), default=0) <= 2
