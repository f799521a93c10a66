"""Reads an alert back from its bytes, for tables, the console and notifications."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from streams.errors import UnreadableRecord
from streams.events.asked import AskedCounts
from streams.events.decode_errors import DECODER_ERRORS
from streams.events.finding import ACTIVITIES, CLOSE, FINAL
from streams.events.mistaken_domain import MistakenDomain
from streams.severity import Severity

T = TypeVar("T")


class AlertView(msgspec.Struct, frozen=True):
    """The content of an alert; times are integer ms since the epoch, `confidence` is 0 to 100.

    `uid` is that of the finding, `state_uid` that of this one state of it. `domain`, `intended`, `slip` and
    `explanation` are those of the first mistaken domain, and empty if the alert has none. `asked` counts the questions
    of the gate.
    """

    uid: str
    state_uid: str
    sequence: int
    time_ms: int
    activity: str
    is_alert: bool
    severity: Severity
    rule: str
    group_by: str
    counts: str
    sender: str | None
    domain: str
    intended: str
    slip: str
    explanation: str
    domains: tuple[MistakenDomain, ...]
    domain_count: int
    count: int
    peak: int
    count_is_minimum: bool
    delivered_count: int
    asked: AskedCounts
    window: str
    late: bool
    labels: tuple[str, ...]
    start_ms: int
    end_ms: int
    created_ms: int
    first_seen_ms: int
    last_seen_ms: int
    confidence: int
    title: str
    description: str
    remediation: str
    owner: str | None
    runbook_url: str | None

    @property
    def may_grow(self) -> bool:
        """Whether `count` is to be read as "at least": it is a minimum, or not final."""
        is_over = self.window == FINAL or self.activity == ACTIVITIES[CLOSE]
        return self.count_is_minimum or not is_over


class _Metadata(msgspec.Struct):
    uid: str
    sequence: int


class _FindingInfo(msgspec.Struct):
    uid: str
    title: str
    desc: str
    first_seen_time: int
    last_seen_time: int
    created_time: int


class _Remediation(msgspec.Struct):
    desc: str


class _StraymailFields(msgspec.Struct):
    rule: str
    group_by: str
    counts: str
    peak: int
    count_is_minimum: bool
    delivered_count: int
    window_state: str
    domains: list[MistakenDomain]
    domain_count: int
    labels: list[str]
    sender: str | None = None
    late: bool = False
    owner: str | None = None
    runbook_url: str | None = None
    asked_count: int = 0
    confirmed_count: int = 0
    corrected_count: int = 0


class _Unmapped(msgspec.Struct):
    straymail: _StraymailFields


class _DetectionFinding(msgspec.Struct):
    time: int
    severity_id: Severity
    activity_id: int
    is_alert: bool
    confidence_score: int
    count: int
    start_time: int
    end_time: int
    metadata: _Metadata
    finding_info: _FindingInfo
    remediation: _Remediation
    unmapped: _Unmapped


_decoder = msgspec.json.Decoder(_DetectionFinding)


def decode_alert(decode: Callable[[bytes], T], value: bytes) -> T:
    """What `decode` takes of an alert. Raises UnreadableRecord if the bytes are not an alert of straymail."""
    try:
        return decode(value)
    except DECODER_ERRORS as problem:
        raise _not_an_alert(problem) from problem


def _not_an_alert(problem: object) -> UnreadableRecord:
    return UnreadableRecord("not-an-alert", f"not a Detection Finding of straymail: {problem}")


def read_alert(value: bytes) -> AlertView:
    """The content of an alert. Raises UnreadableRecord if the bytes are not an alert of straymail."""
    alert = decode_alert(_decoder.decode, value)
    if alert.activity_id not in ACTIVITIES:
        raise _not_an_alert(alert.activity_id)
    fields, info = alert.unmapped.straymail, alert.finding_info
    first = fields.domains[0] if fields.domains else MistakenDomain("", "", "", "", 0.0, certain=False)
    return AlertView(
        uid=info.uid,
        state_uid=alert.metadata.uid,
        sequence=alert.metadata.sequence,
        time_ms=alert.time,
        activity=ACTIVITIES[alert.activity_id],
        is_alert=alert.is_alert,
        severity=alert.severity_id,
        rule=fields.rule,
        group_by=fields.group_by,
        counts=fields.counts,
        sender=fields.sender,
        domain=first.domain,
        intended=first.intended,
        slip=first.slip,
        explanation=first.explanation,
        domains=tuple(fields.domains),
        domain_count=fields.domain_count,
        count=alert.count,
        peak=fields.peak,
        count_is_minimum=fields.count_is_minimum,
        delivered_count=fields.delivered_count,
        asked=AskedCounts(fields.asked_count, fields.confirmed_count, fields.corrected_count),
        window=fields.window_state,
        late=fields.late,
        labels=tuple(fields.labels),
        start_ms=alert.start_time,
        end_ms=alert.end_time,
        created_ms=info.created_time,
        first_seen_ms=info.first_seen_time,
        last_seen_ms=info.last_seen_time,
        confidence=alert.confidence_score,
        title=info.title,
        description=info.desc,
        remediation=alert.remediation.desc,
        owner=fields.owner,
        runbook_url=fields.runbook_url,
    )
