"""What a static member does beyond aiokafka: leave, lead again, and end where its id is taken."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import KafkaError
from aiokafka.protocol.commit import OffsetCommitRequest
from aiokafka.protocol.group import HeartbeatRequest, JoinGroupRequest

from streams import clock
from streams.errors import BrokerError
from streams.kafka.dataplane.lease import Lease
from streams.kafka.dataplane.static_member import FENCED, UNKNOWN_MEMBER, StaticMember

LEADER = "worker-0-5f0d2f3e-0000-4000-8000-000000000000"
HEARTBEAT = HeartbeatRequest("g", 1, "m")


class Coordinator:
    """aiokafka's coordinator, as far as a static member goes; `answers` has Kafka's next ones."""

    group_id = "g"

    def __init__(self) -> None:
        self._group_instance_id: str | None = "worker-0"
        self.member_id = "worker-0-a"
        self.answers: list[Any] = []
        self.sent: list[Any] = []
        self.left_as: list[str | None] = []
        self.rejoins = 0

    async def _send_req(self, request: Any) -> Any:
        self.sent.append(request)
        return self.answers.pop(0)

    async def _maybe_leave_group(self) -> None:
        self.left_as.append(self._group_instance_id)

    def request_rejoin(self) -> None:
        self.rejoins += 1

    def send(self, request: Any, **answer: Any) -> None:
        self.answers.append(SimpleNamespace(**({"error_code": 0, "leader_id": "other"} | answer)))
        asyncio.run(self._send_req(request))


class Member:
    """A static member with a session that is over or not."""

    def __init__(self, *, in_session: bool = True) -> None:
        lease = Lease(15.0)
        if in_session:
            lease.renew(clock.monotonic())
        self.coordinator, self.reasons = Coordinator(), list[BrokerError]()
        self.static = StaticMember(self.coordinator, lease, self.reasons.append)


def join(member_id: str = "") -> JoinGroupRequest:
    return JoinGroupRequest("g", 15_000, 60_000, member_id, "worker-0", "consumer", [])


def test_it_leaves_as_other_members_do_and_keeps_its_id() -> None:
    member = Member()
    asyncio.run(member.coordinator._maybe_leave_group())
    assert member.coordinator.left_as == [None]
    assert member.coordinator._group_instance_id == "worker-0"


@pytest.mark.parametrize(
    ("joined_as", "leader", "rejoins"),
    [("", LEADER, 1), ("", "worker-1-x", 0), ("", "worker-0-a", 0), ("worker-0-a", LEADER, 0)],
)
def test_it_joins_once_more_where_it_replaced_the_leader(joined_as: str, leader: str, rejoins: int) -> None:
    member = Member()
    member.coordinator.send(join(joined_as), leader_id=leader)
    member.static.joined()
    assert member.coordinator.rejoins == rejoins
    member.coordinator.send(join("worker-0-a"), leader_id="worker-0-a")
    member.static.joined()
    assert member.coordinator.rejoins == rejoins


def removed(member: Member, request: Any = HEARTBEAT, **answer: Any) -> None:
    member.coordinator.send(request, **({"error_code": UNKNOWN_MEMBER} | answer))


def test_it_ends_where_it_was_removed_within_its_session() -> None:
    member = Member()
    removed(member)
    for _ in range(2):
        with pytest.raises(KafkaError):
            member.coordinator.send(join())
    (reason,) = member.reasons
    assert str(reason).startswith(
        "another worker has joined the consumer group g with this one's instance_id, worker-0"
    )
    assert member.coordinator.sent == [HEARTBEAT], "no join takes the id back"


def test_it_learns_of_its_removal_by_a_commit() -> None:
    member, commit = Member(), OffsetCommitRequest("g", 1, "m", -1, [])
    removed(member, commit, topics=[("mail.events", [(0, 0), (1, UNKNOWN_MEMBER)])])
    with pytest.raises(KafkaError):
        member.coordinator.send(join())
    assert len(member.reasons) == 1


def test_it_joins_again_after_its_session() -> None:
    member = Member(in_session=False)
    removed(member)
    member.coordinator.send(join())
    assert member.reasons == []


def test_it_joins_again_after_another_error() -> None:
    member = Member()
    member.coordinator.send(HEARTBEAT, error_code=22)
    member.coordinator.send(join())
    assert member.reasons == []


def test_it_ends_where_kafka_says_that_its_id_is_taken() -> None:
    member = Member()
    member.coordinator.send(join("worker-0-a"), error_code=FENCED)
    assert len(member.reasons) == 1
