"""What a member of a consumer group can't go on with."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    GroupCoordinatorNotAvailableError,
    KafkaError,
    TopicAuthorizationFailedError,
    UnknownError,
)

from streams.kafka.dataplane.membership import membership_failure


def coordinator(error: KafkaError | None, *, ended: bool = False) -> Any:
    """aiokafka's coordinator after this error; its membership has ended where `ended`."""

    def check_errors() -> None:
        if error is not None:
            raise error

    return SimpleNamespace(check_errors=check_errors, _coordination_task=SimpleNamespace(done=lambda: ended))


@pytest.mark.parametrize(
    ("error", "ended", "failure"),
    [
        (None, False, None),
        (GroupCoordinatorNotAvailableError(), False, None),
        (
            GroupAuthorizationFailedError("g"),
            False,
            "this user may not join the consumer group straymail: grant READ on the group",
        ),
        (
            TopicAuthorizationFailedError({"mail.b", "mail.a"}),
            False,
            "this user lacks READ on mail.a, mail.b: grant it",
        ),
        (TopicAuthorizationFailedError(), False, "this user lacks READ on the mail topics: grant it"),
        (UnknownError("why"), True, "this worker lost its membership in the consumer group straymail for good"),
    ],
)
def test_what_ends_the_worker(error: KafkaError | None, ended: bool, failure: str | None) -> None:
    found = membership_failure(coordinator(error, ended=ended), "straymail")
    assert (found is None) is (failure is None)
    assert failure is None or str(found).startswith(failure)


def test_a_passing_error_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    membership_failure(coordinator(GroupCoordinatorNotAvailableError()), "straymail")
    assert caplog.messages[0].startswith("consumer group straymail: ")
    assert caplog.messages[0].endswith("retrying")
