"""What each client of Kafka needs to be allowed, and no more; docs/security.md has the same table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from streams.kafka.topics.names import TopicNames


class Right(NamedTuple):
    """An operation on a topic (a field of TopicNames), on all topics of the pipeline (`*`) or on its group."""

    operation: str
    on: str


HIT_TOPICS = ("typo_hits", "typo_domains")
STATE_TOPICS = ("typo_hits_state", "typo_domains_state")
RIGHTS: Mapping[str, tuple[Right, ...]] = {
    "worker": (
        Right("READ", "events"),
        *(Right(operation, topic) for topic in HIT_TOPICS + STATE_TOPICS for operation in ("READ", "WRITE")),
        Right("WRITE", "alerts"),
        Right("WRITE", "dead_letters"),
        Right("READ", "group"),
    ),
    "publish": (Right("WRITE", "events"),),
    "replay": (Right("READ", "dead_letters"), Right("WRITE", "events")),
    "alerts": (Right("READ", "alerts"),),
    "hits": (Right("READ", "typo_hits"),),
    "topics create": (Right("CREATE", "*"), Right("DESCRIBE", "*")),
    "topics check": (Right("DESCRIBE", "*"), Right("DESCRIBE_CONFIGS", "*")),
    "check": (Right("DESCRIBE", "*"), Right("DESCRIBE_CONFIGS", "*")),
}


class Rights:
    """Gives and takes rights, with the hand of one who may do all; `principal` is who gets them."""

    def __init__(self, bootstrap: str, principal: str, names: TopicNames, prefix: str) -> None:
        self._admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
        self._principal, self._names, self._prefix = principal, names, prefix

    def give(self, rights: Iterable[Right]) -> None:
        bindings = [self._binding(right) for right in rights]
        for future in self._admin.create_acls(bindings).values() if bindings else ():
            future.result(30)

    def take_all(self) -> None:
        """From everybody: tests begin with nothing."""
        everything = AclBindingFilter(
            ResourceType.ANY,
            None,  # type: ignore[arg-type]  # None is any, whatever the stubs say
            ResourcePatternType.ANY,
            None,  # type: ignore[arg-type]
            None,  # type: ignore[arg-type]
            AclOperation.ANY,
            AclPermissionType.ANY,
        )
        for future in self._admin.delete_acls([everything]).values():
            future.result(30)

    def _binding(self, right: Right) -> AclBinding:
        kind, name, pattern = ResourceType.TOPIC, self._prefix, ResourcePatternType.PREFIXED
        if right.on == "group":
            kind, name, pattern = ResourceType.GROUP, f"{self._prefix}straymail", ResourcePatternType.LITERAL
        elif right.on != "*":
            name, pattern = getattr(self._names, right.on), ResourcePatternType.LITERAL
        operation = getattr(AclOperation, right.operation)
        return AclBinding(kind, name, pattern, self._principal, "*", operation, AclPermissionType.ALLOW)
