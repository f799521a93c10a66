"""What goes wrong between a worker and its consumer group.

aiokafka keeps it for whoever polls next, and its member rests till then; the data plane never polls aiokafka, so it has
to ask.
"""

from __future__ import annotations

import logging
from typing import Any

from aiokafka.errors import GroupAuthorizationFailedError, KafkaError, TopicAuthorizationFailedError

from streams.errors import BrokerError

log = logging.getLogger(__name__)

CHECK_SECONDS = 1.0


def membership_failure(coordinator: Any, group: str) -> BrokerError | None:
    """What the member can't go on with; it goes on with everything else once it was asked. `coordinator` is
    aiokafka's, in whose event loop this must be called."""
    try:
        coordinator.check_errors()
    except GroupAuthorizationFailedError:
        return BrokerError(f"this user may not join the consumer group {group}: grant READ on the group")
    except TopicAuthorizationFailedError as error:
        topics = ", ".join(sorted(map(str, error.args[0]))) if error.args else "the mail topics"
        return BrokerError(f"this user may not read {topics}: grant READ on it")
    except KafkaError as error:
        if coordinator._coordination_task.done():
            return BrokerError(f"this worker can't be a member of the consumer group {group} any more: {error}")
        log.warning("consumer group %s: %s; trying again", group, error)
    return None
