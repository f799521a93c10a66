"""How long a worker may assume that its partitions are its own."""

from __future__ import annotations

from streams.kafka.dataplane.lease import Lease


def test_it_is_valid_for_a_session_after_the_heartbeat_was_sent() -> None:
    lease = Lease(15)
    assert not lease.is_valid(0)
    lease.renew(100)
    assert lease.is_valid(114.9)
    assert not lease.is_valid(115)


def test_an_older_answer_that_arrives_later_does_not_shorten_it() -> None:
    lease = Lease(15)
    lease.renew(100)
    lease.renew(97)
    assert lease.is_valid(114)
