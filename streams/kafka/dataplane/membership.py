"""Failures of a worker's membership in its consumer group.

aiokafka keeps such an error for its next poll, and pauses the membership until then. The data plane never polls
aiokafka, so it has to check for the error.
"""

from __future__ import annotations

import logging
from typing import Any

from aiokafka.errors import GroupAuthorizationFailedError, KafkaError, TopicAuthorizationFailedError

from streams.errors import BrokerError

log = logging.getLogger(__name__)

CHECK_SECONDS = 1.0


def membership_failure(coordinator: Any, group: str) -> BrokerError | None:
    """The error that ends the membership, or None. Any other error is logged, and the membership resumes.

    `coordinator` is aiokafka's; this must be called in its event loop.
    """
    try:
        coordinator.check_errors()
    except KafkaError as error:
        return failure_of(error, coordinator, group)
    return None


def failure_of(error: KafkaError, coordinator: Any, group: str) -> BrokerError | None:
    """What ends the membership where aiokafka has raised this error of it; None where that resumes, which is logged."""
    match error:
        case GroupAuthorizationFailedError():
            return BrokerError(f"this user may not join the consumer group {group}: grant READ on the group")
        case TopicAuthorizationFailedError():
            topics = ", ".join(sorted(map(str, error.args[0]))) if error.args else "the mail topics"
            return BrokerError(f"this user lacks READ on {topics}: grant it")
    if coordinator._coordination_task.done():
        return BrokerError(f"this worker lost its membership in the consumer group {group} for good: {error}")
    log.warning("consumer group %s: %s; retrying", group, error)
    return None
