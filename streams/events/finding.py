"""One published state of a finding, from which its alert is made."""

from __future__ import annotations

import msgspec

from streams.events.asked import AskedOutcome
from streams.events.mistaken_domain import MistakenDomain
from streams.severity import Severity

CREATE, UPDATE, CLOSE = 1, 2, 3
OPEN, FINAL, LATE = "open", "final", "late"
ACTIVITIES = {CREATE: "create", UPDATE: "update", CLOSE: "close"}


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True):
    """One mail shown in an alert; sender, recipients and subject are masked as in the hit. `time_ms` and `delivery` are
    None in states of earlier versions. `asked` is the outcome where the gate asked about it."""

    sender: str
    recipients: list[str]
    message_id: str | None = None
    size: int | None = None
    subject: str | None = None
    time_ms: int | None = None
    delivery: str | None = None
    asked: AskedOutcome | None = None


class FindingState(msgspec.Struct, frozen=True, omit_defaults=True):
    """A finding as one alert publishes it. Times are integer ms since the epoch.

    `count` is the number of distinct mails or senders (`counts`) in the window [start_ms, end_ms). `peak` is the
    largest number in any span as long as the window that ends in it. `domain_count` may exceed the length of `domains`.
    `delivery` is the number of mails by delivery status. `window` is open, then final; a `late` finding is of mail that
    arrived after its window's state was dropped, and its `window` is late, then final. `reopened` means that this state
    follows a withdrawal. `evidences` are mails since the state before, and `evidences_left_out` is how many more there
    were. `asked_count` is the number of questions of the gate, `confirmed_count` and `corrected_count` how many of them
    have that outcome; their mail counts for nothing else. `count_is_minimum` is true where the count is bounded, or may
    have grown by more than a minute's mail.
    """

    uid: str
    correlation_uid: str
    rule: str
    group_by: str
    counts: str
    start_ms: int
    end_ms: int
    sequence: int
    activity: int
    is_alert: bool
    severity: Severity
    window: str
    time_ms: int
    created_ms: int
    first_seen_ms: int
    last_seen_ms: int
    count: int
    peak: int
    delivered_count: int
    domain_count: int
    delivery: dict[str, int]
    domains: list[MistakenDomain]
    sender: str | None = None
    labels: list[str] = []
    count_is_minimum: bool = False
    late: bool = False
    reopened: bool = False
    owner: str | None = None
    runbook_url: str | None = None
    evidences: list[Evidence] = []
    evidences_left_out: int = 0
    asked_count: int = 0
    confirmed_count: int = 0
    corrected_count: int = 0
