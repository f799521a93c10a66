"""The ACLs that each client of Kafka needs, and no others; docs/security.md has the same table."""

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
from tests.pipeline.worker import wait_until


class Acl(NamedTuple):
    """An operation on a topic (a field of TopicNames), on all topics of the pipeline (`*`) or on its group."""

    operation: str
    on: str


HIT_TOPICS = ("typo_hits", "typo_domains")
STATE_TOPICS = ("typo_hits_state", "typo_domains_state")
MEMORY = (Acl("READ", "correspondents"), Acl("WRITE", "correspondents"))
ACLS: Mapping[str, tuple[Acl, ...]] = {
    "worker": (
        Acl("READ", "events"),
        *(Acl(operation, topic) for topic in HIT_TOPICS + STATE_TOPICS for operation in ("READ", "WRITE")),
        *MEMORY,
        Acl("WRITE", "alerts"),
        Acl("WRITE", "dead_letters"),
        Acl("READ", "group"),
    ),
    "gate": (Acl("READ", "gate"), Acl("WRITE", "gate"), Acl("READ", "correspondents"), Acl("WRITE", "events")),
    "publish": (Acl("WRITE", "events"),),
    "replay": (Acl("READ", "dead_letters"), Acl("WRITE", "events")),
    "alerts": (Acl("READ", "alerts"),),
    "triage": (Acl("READ", "alerts"), Acl("READ", "triage"), Acl("WRITE", "triage")),
    "learn": MEMORY,
    "forget": MEMORY,
    "hits": (Acl("READ", "typo_hits"),),
    "report": (Acl("READ", "typo_hits"), Acl("READ", "alerts"), Acl("READ", "triage")),
    "topics create": (Acl("CREATE", "*"), Acl("DESCRIBE", "*")),
    "topics check": (Acl("DESCRIBE", "*"), Acl("DESCRIBE_CONFIGS", "*")),
    "check": (Acl("DESCRIBE", "*"), Acl("DESCRIBE_CONFIGS", "*")),
}

EVERYTHING = AclBindingFilter(
    ResourceType.ANY,
    None,  # type: ignore[arg-type]  # None is any, whatever the stubs say
    ResourcePatternType.ANY,
    None,  # type: ignore[arg-type]
    None,  # type: ignore[arg-type]
    AclOperation.ANY,
    AclPermissionType.ANY,
)


class Acls:
    """Grants and revokes ACLs, as a superuser; `principal` gets them."""

    def __init__(self, bootstrap: str, principal: str, names: TopicNames, prefix: str) -> None:
        self._admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
        self._principal, self._names, self._prefix = principal, names, prefix

    def grant(self, acls: Iterable[Acl]) -> None:
        bindings = [self._binding(acl) for acl in acls]
        for future in self._admin.create_acls(bindings).values() if bindings else ():
            future.result(30)
        wait_until(lambda: self._in_force().issuperset(bindings), seconds=30, what="the ACLs are in force")

    def revoke_all(self) -> None:
        """Revoke the ACLs of all principals: each test starts without any."""
        for future in self._admin.delete_acls([EVERYTHING]).values():
            future.result(30)
        wait_until(lambda: not self._in_force(), seconds=30, what="no ACL is in force")

    def _in_force(self) -> set[AclBinding]:
        """The ACLs that the broker goes by: it learns of a change a moment after the controller has accepted it."""
        return set(self._admin.describe_acls(EVERYTHING).result(30))

    def _binding(self, acl: Acl) -> AclBinding:
        kind, name, pattern = ResourceType.TOPIC, self._prefix, ResourcePatternType.PREFIXED
        if acl.on == "group":
            kind, name, pattern = ResourceType.GROUP, f"{self._prefix}straymail", ResourcePatternType.LITERAL
        elif acl.on != "*":
            name, pattern = getattr(self._names, acl.on), ResourcePatternType.LITERAL
        operation = getattr(AclOperation, acl.operation)
        return AclBinding(kind, name, pattern, self._principal, "*", operation, AclPermissionType.ALLOW)
