"""A static member of the consumer group: a worker with an instance id (`group.instance.id`, KIP-345).

Killed and started again within its session, it has its partitions back at once; without an id all workers wait until
the session of the killed one has ended. aiokafka sends the id when it joins. What it lacks is here:

- A worker that is asked to stop leaves the group, id or not, so that others read its partitions at once.
- A worker that is started again in place of the group's leader makes the group rebalance. Kafka doesn't tell it that it
  leads, so nobody would notice that partitions are added.
- A worker whose id another one has taken ends, instead of taking it back, and so on for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiokafka.errors import KafkaError, UnknownMemberIdError
from aiokafka.protocol.commit import OffsetCommitRequest
from aiokafka.protocol.group import HeartbeatRequest, JoinGroupRequest, SyncGroupRequest

from streams import clock
from streams.errors import BrokerError
from streams.kafka.dataplane.lease import Lease

UNKNOWN_MEMBER, FENCED = UnknownMemberIdError.errno, 82
"""Kafka's answers to a member that was removed, and to one whose instance id another has (unknown to aiokafka)."""


class StaticMember:
    """The membership of a coordinator of aiokafka's that has an instance id; used in its event loop.

    `on_taken` is called with the reason where another worker has taken the id.
    """

    def __init__(self, coordinator: Any, lease: Lease, on_taken: Callable[[BrokerError], None]) -> None:
        self._coordinator, self._lease, self._on_taken = coordinator, lease, on_taken
        self._instance_id: str = coordinator._group_instance_id
        self._leader_id = ""
        """The member id of the group's leader, after a join without one: a former one of this instance, if it led."""
        self._was_removed = self._is_taken = False
        self._watch_answers()
        self._leave_on_stop()

    def _watch_answers(self) -> None:
        send = self._coordinator._send_req

        async def watched(request: Any) -> Any:
            if isinstance(request, JoinGroupRequest):
                self._check_id(request)
            answer = await send(request)
            self._note(request, answer)
            return answer

        self._coordinator._send_req = watched

    def _check_id(self, request: JoinGroupRequest) -> None:
        """Raise KafkaError where a join would take the id back from another worker: the coordinator removes a member
        before its session has ended only where another one has its id."""
        if not request._member_id and self._was_removed and self._lease.is_valid(clock.monotonic()):
            self._end()
        if self._is_taken:
            raise KafkaError

    def _note(self, request: Any, answer: Any) -> None:
        codes = set(_error_codes(request, answer))
        self._was_removed = UNKNOWN_MEMBER in codes or (self._was_removed and not isinstance(request, JoinGroupRequest))
        if isinstance(request, JoinGroupRequest):
            self._leader_id = "" if request._member_id else answer.leader_id
        if FENCED in codes:
            self._end()

    def _end(self) -> None:
        if not self._is_taken:
            self._is_taken = True
            group = self._coordinator.group_id
            self._on_taken(
                BrokerError(
                    f"another worker has joined the consumer group {group} with this one's instance_id,"
                    f" {self._instance_id}: give each worker its own, or none"
                )
            )

    def _leave_on_stop(self) -> None:
        """Let it leave as other members do; aiokafka's coordinator never leaves as a static one."""
        coordinator, leave = self._coordinator, self._coordinator._maybe_leave_group

        async def left() -> None:
            coordinator._group_instance_id = None
            try:
                await leave()
            finally:
                coordinator._group_instance_id = self._instance_id

        coordinator._maybe_leave_group = left

    def joined(self) -> None:
        """Join once more where this member has replaced the group's leader, whose id Kafka makes of the instance id and
        a random part. To be called after each join."""
        if self._leader_id.startswith(f"{self._instance_id}-") and self._leader_id != self._coordinator.member_id:
            self._coordinator.request_rejoin()


def _error_codes(request: Any, answer: Any) -> list[int]:
    if isinstance(request, OffsetCommitRequest):
        return [code for _topic, partitions in answer.topics for _partition, code in partitions]
    return [answer.error_code] if isinstance(request, HeartbeatRequest | JoinGroupRequest | SyncGroupRequest) else []
