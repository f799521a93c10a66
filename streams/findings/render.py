"""The state of a finding that an alert tells, made of its slot."""

from dataclasses import dataclass

from streams.events.finding import CLOSE, FINAL, Evidence, FindingState
from streams.events.hit import TypoHit
from streams.events.mistaken_domain import MistakenDomain
from streams.findings.decide import Decision, Present
from streams.findings.log.records import FindingRecord
from streams.findings.rules import FindingPolicy
from streams.findings.severity import worst_group
from streams.findings.store.digests import Digests
from streams.findings.store.last_alert import LastAlert
from streams.findings.store.window_state import WindowState, is_late, key_of, start_of
from streams.severity import Severity

RECIPIENTS_TOLD = 20
"""Of each mail; so a record with all its evidence stays below a megabyte, which is what a broker takes."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The slot before hits of allowed domains were taken out, which is what a withdrawal tells."""

    domains: list[MistakenDomain]
    labels: list[str]
    first_ms: int
    last_ms: int


def seen(slot: WindowState) -> Seen:
    """What the slot holds now."""
    known_ms = slot.published.time_ms if slot.published is not None else start_of(slot.key)
    first_ms, last_ms = slot.tally.first_and_last_ms() if len(slot.tally) else (known_ms, known_ms)
    return Seen(list(slot.names.domains.values()), list(slot.names.labels), first_ms, last_ms)


def as_last_told(last: LastAlert, now: Present) -> Present:
    """What a withdrawal withdraws: the numbers that were told last."""
    return Present(
        severity=last.severity,
        count=last.count,
        peak=last.peak,
        delivered_count=last.delivered_count,
        domain_count=last.domain_count,
        marking=last.marking,
        count_is_minimum=last.count_is_minimum,
        window=now.window,
    )


@dataclass(frozen=True, slots=True)
class Telling:
    """What there is to tell: the decision, the numbers, the names, and the mails that led to it."""

    decision: Decision
    now: Present
    seen: Seen
    hits: list[TypoHit]


def record_of(
    slot: WindowState, telling: Telling, policy: FindingPolicy, digests: Digests, offset: int
) -> FindingRecord:
    """The record of the finding's new state, on which its alert rests."""
    return FindingRecord(
        state=_state(slot, telling, policy, digests),
        offset=offset,
        final_ms=slot.final_ms,
        drop_ms=slot.drop_ms,
        marking=telling.now.marking,
    )


def _state(slot: WindowState, telling: Telling, policy: FindingPolicy, digests: Digests) -> FindingState:
    rule, last = slot.rule, slot.published
    decision, now, told = telling.decision, telling.now, telling.seen
    group = worst_group(policy, told.domains)
    return FindingState(
        uid=digests.finding_uid(rule.identity, slot.key),
        correlation_uid=digests.correlation_uid(rule.identity, key_of(slot.key)),
        rule=rule.name,
        group_by=rule.group_by,
        counts=rule.count,
        start_ms=start_of(slot.key),
        end_ms=start_of(slot.key) + rule.window_ms,
        sequence=last.sequence + 1 if last is not None else 1,
        activity=decision.activity,
        is_alert=decision.is_alert,
        severity=now.severity or Severity.INFORMATIONAL,
        window=now.window,
        time_ms=_time(slot, telling),
        created_ms=last.created_ms if last is not None else told.last_ms,
        first_seen_ms=told.first_ms,
        last_seen_ms=told.last_ms,
        count=now.count,
        peak=now.peak,
        delivered_count=now.delivered_count,
        domain_count=now.domain_count,
        delivery=slot.tally.mails_by_delivery(),
        domains=told.domains,
        sender=slot.names.sender,
        labels=told.labels,
        count_is_minimum=now.count_is_minimum,
        late=is_late(slot.key),
        reopened=decision.reopened,
        owner=group.owner,
        runbook_url=group.runbook_url,
        evidences=[_evidence(hit) for hit in telling.hits],
    )


def _time(slot: WindowState, telling: Telling) -> int:
    """The latest event time, or where the window's count is final, the time from which it is; never the clock's."""
    if telling.decision.activity == CLOSE and slot.published is not None:
        return slot.published.time_ms
    return slot.final_ms if telling.now.window == FINAL else telling.seen.last_ms


def _evidence(hit: TypoHit) -> Evidence:
    return Evidence(hit.sender, hit.recipients[:RECIPIENTS_TOLD], hit.message_id, hit.size, hit.subject)
