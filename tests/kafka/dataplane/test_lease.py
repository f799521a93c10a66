"""How long a worker may take its partitions for its own."""

from __future__ import annotations

from streams.kafka.dataplane.lease import Lease


def test_it_holds_for_a_session_from_when_the_heartbeat_was_sent() -> None:
    lease = Lease(15)
    assert not lease.is_valid(0)
    lease.renew(100)
    assert lease.is_valid(114.9)
    assert not lease.is_valid(115)


def test_an_older_answer_that_comes_later_shortens_nothing() -> None:
    lease = Lease(15)
    lease.renew(100)
    lease.renew(97)
    assert lease.is_valid(114)
