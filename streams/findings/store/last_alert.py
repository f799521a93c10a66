"""What is remembered of the alert that a finding sent last."""

import msgspec

from streams.severity import Severity


class LastAlert(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered of the alert that a finding sent last."""

    sequence: int
    activity: int
    severity: Severity
    count: int
    peak: int
    delivered_count: int
    domain_count: int
    marking: int
    count_is_minimum: bool
    window: str
    created_ms: int
    time_ms: int
