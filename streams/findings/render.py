"""Renders a window and a decision as the state of a finding, from which its alert is made."""

import msgspec

from streams.events.finding import CLOSE, FINAL, Evidence, FindingState
from streams.events.hit import TypoHit
from streams.events.mistaken_domain import MistakenDomain
from streams.findings.context import CountContext
from streams.findings.decide import Assessment, Decision
from streams.findings.log.records import FindingRecord
from streams.findings.severity import worst_group
from streams.findings.store.last_alert import LastAlert
from streams.findings.store.window_state import WindowState, is_late, key_of, start_of
from streams.severity import Severity

MAX_EVIDENCE_RECIPIENTS = 20
"""Recipients shown of each mail, so that a record with all its evidence stays below a broker's limit of 1 MB."""


class WindowSummary(msgspec.Struct, frozen=True):
    """The mistaken domains, labels and first and last event time of a window."""

    domains: list[MistakenDomain]
    labels: list[str]
    first_ms: int
    last_ms: int


def summary_of(window: WindowState) -> WindowSummary:
    """The window's current summary; without hits, both times are that of the last alert or of the window's start."""
    empty_ms = window.last_alert.time_ms if window.last_alert is not None else start_of(window.key)
    first_ms, last_ms = window.tally.first_and_last_ms() if len(window.tally) else (empty_ms, empty_ms)
    return WindowSummary(list(window.names.domains.values()), list(window.names.labels), first_ms, last_ms)


def as_published(last: LastAlert, now: Assessment) -> Assessment:
    """The figures that a withdrawal withdraws: those published last."""
    return Assessment(
        severity=last.severity,
        count=last.count,
        peak=last.peak,
        delivered_count=last.delivered_count,
        domain_count=last.domain_count,
        label_floor=last.label_floor,
        count_is_minimum=last.count_is_minimum,
        window=now.window,
        accepted_peak=last.accepted_peak,
        hits=now.hits,
        asked=last.asked,
    )


class AlertContent(msgspec.Struct, frozen=True):
    """The content of an alert: the decision, the figures, the window's summary, and the mails that led to it, as many
    as are shown."""

    decision: Decision
    now: Assessment
    summary: WindowSummary
    hits: list[TypoHit]


def record_of(
    window: WindowState, content: AlertContent, context: CountContext, offset: int
) -> FindingRecord[FindingState]:
    """The record of the finding's new state, from which its alert can be made again."""
    now, updates = content.now, _updates(window, content)
    state = _state(window, content, context, updates)
    return FindingRecord(
        state=state,
        offset=offset,
        final_ms=window.final_ms,
        drop_ms=window.drop_ms,
        label_floor=now.label_floor,
        accepted_peak=None if now.accepted_peak == now.peak else now.accepted_peak,
        is_full=None if now.count_is_minimum == state.count_is_minimum else now.count_is_minimum,
        hits=now.hits,
        updates=updates,
    )


def _updates(window: WindowState, content: AlertContent) -> int:
    """The alerts without news so far, this one included."""
    return content.decision.only_grew + (window.last_alert.updates if window.last_alert is not None else 0)


def _state(window: WindowState, content: AlertContent, context: CountContext, updates: int) -> FindingState:
    rule, last, digests = window.rule, window.last_alert, context.digests
    decision, now, summary = content.decision, content.now, content.summary
    group, start_ms = worst_group(context.policy, summary.domains), start_of(window.key)
    return FindingState(
        uid=digests.finding_uid(rule.identity, window.key),
        correlation_uid=digests.correlation_uid(rule.identity, key_of(window.key)),
        rule=rule.name,
        group_by=rule.group_by,
        counts=rule.count,
        start_ms=start_ms,
        end_ms=start_ms + rule.window_ms,
        sequence=max(last.sequence + 1 if last is not None else 1, context.first_sequence),
        activity=decision.activity,
        is_alert=decision.is_alert,
        severity=now.severity or Severity.INFORMATIONAL,
        window=now.window,
        time_ms=_time(window, content),
        created_ms=last.created_ms if last is not None else summary.last_ms,
        first_seen_ms=summary.first_ms,
        last_seen_ms=summary.last_ms,
        count=now.count,
        peak=now.peak,
        delivered_count=now.delivered_count,
        domain_count=now.domain_count,
        delivery=window.tally.mails_by_delivery(),
        domains=summary.domains,
        sender=window.names.sender,
        labels=summary.labels,
        count_is_minimum=now.count_is_minimum or (now.window != FINAL and context.policy.updates.is_slow(updates)),
        late=is_late(window.key),
        reopened=decision.reopened,
        owner=group.owner,
        runbook_url=group.runbook_url,
        evidences=[_evidence(hit) for hit in content.hits],
        evidences_left_out=_left_out(last, content),
        asked_count=now.asked.asked,
        confirmed_count=now.asked.confirmed,
        corrected_count=now.asked.corrected,
    )


def _left_out(last: LastAlert | None, content: AlertContent) -> int:
    """How many mails since the last alert aren't shown; 0 if it isn't known how many there were then."""
    before = last.hits if last is not None else 0
    return max(0, content.now.hits - before - len(content.hits)) if before >= 0 else 0


def _time(window: WindowState, content: AlertContent) -> int:
    """The latest event time, or the time at which the window became final; never the clock's."""
    if content.decision.activity == CLOSE and window.last_alert is not None:
        return window.last_alert.time_ms
    return window.final_ms if content.now.window == FINAL else content.summary.last_ms


def _evidence(hit: TypoHit) -> Evidence:
    recipients = hit.recipients[:MAX_EVIDENCE_RECIPIENTS]
    return Evidence(hit.sender, recipients, hit.message_id, hit.size, hit.subject, hit.time, hit.delivery, hit.asked)
