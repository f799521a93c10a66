"""Evaluates a window: compares its state with its last alert, and publishes its finding again if that is worth it."""

import msgspec

from streams.events.finding import CLOSE, FINAL, LATE, OPEN
from streams.findings.context import CountContext
from streams.findings.decide import Assessment, Decision, assess, decide
from streams.findings.log.records import CHECK, FINDING, HIT, NAMES, NamesRecord, encode
from streams.findings.outcome import OutcomeBuilder
from streams.findings.peak import Peaks, peak
from streams.findings.render import AlertContent, WindowSummary, as_published, record_of, summary_of
from streams.findings.store.tally import Tally
from streams.findings.store.window_state import WindowState, is_late, neighbour


class _Due(msgspec.Struct, frozen=True):
    """A window whose finding is to be published, why and with which figures; `before_removal` is what it named before
    domains were removed, None where none was."""

    window: WindowState
    decision: Decision
    now: Assessment
    before_removal: WindowSummary | None


def evaluate(context: CountContext, builder: OutcomeBuilder, key: bytes, *, is_stale: bool = False) -> None:
    """Publish the window's finding if an alert is due; if `is_stale`, whatever has changed since its last alert.

    Whether one is due follows from the state, not from the batch: what a crash left unpublished is published when its
    hits are read again.
    """
    due = _judge(context, builder, key, is_stale=is_stale)
    if due is not None:
        _publish(context, builder, due)


def evaluate_all(context: CountContext, builder: OutcomeBuilder) -> None:
    """Evaluate what the hits of a batch have changed: first all windows are judged, and then all findings published,
    which costs less than one after the other. So tombstones and names come before all findings."""
    judged = [_judge(context, builder, key) for key in builder.to_evaluate]
    for due in judged:
        if due is not None:
            _publish(context, builder, due)


def _judge(context: CountContext, builder: OutcomeBuilder, key: bytes, *, is_stale: bool = False) -> _Due | None:
    """What is to be published of a window, if anything. Removes the hits of domains that are now allowed, and stores
    names where that is needed."""
    window = context.windows.get(key)
    if window is None or context.check.has_settled(window.drop_ms):
        return None  # the latter where hits are counted again after a loss: Kafka may not have all of them any more
    allowed = {digest for digest, domain in window.names.domains.items() if context.policy.is_allowed(domain.domain)}
    before_removal = summary_of(window) if allowed else None
    if allowed:
        _remove_domains(context, builder, window, allowed)
    decided = _decide(context, window, hits_removed=bool(allowed), is_stale=is_stale)
    if (key in builder.renamed and decided is None) or (allowed and window.has_names_record):
        _write_names(builder, window)
    return None if decided is None else _Due(window, *decided, before_removal)


def _remove_domains(context: CountContext, builder: OutcomeBuilder, window: WindowState, domains: set[bytes]) -> None:
    """Remove the hits of domains that are now allowed: they were no slips. Their tombstones come before the finding, so
    that none is counted again after a crash in between."""
    hits = window.tally.remove(domains)
    context.windows.grew(-len(hits))
    context.check = context.check.less(len(hits))
    builder.records.append((CHECK, encode(context.check)))
    builder.records.extend((HIT + window.key + hit, None) for hit in hits)
    for digest in domains:
        del window.names.domains[digest]


def note_growth(context: CountContext, builder: OutcomeBuilder) -> None:
    """Have the open findings that grew without an alert published later: see `UpdatePolicy`."""
    for key, elapsed_ms in builder.grown.items():
        window = context.windows.get(key) if key not in builder.alerted else None
        if window is not None and window.is_open and window.last_alert is not None:
            last, count = window.last_alert, len(window.tally.units) + len(window.tally.asked.mails)
            wait_ms = context.policy.updates.wait_ms(last.updates, last.count + last.asked.asked, count)
            context.freshness.grew(window.key, elapsed_ms + wait_ms)


def _decide(
    context: CountContext, window: WindowState, *, hits_removed: bool, is_stale: bool
) -> tuple[Decision, Assessment] | None:
    """The exact peak needs sorting, so it is only computed if an estimate leads to an alert."""
    if window.last_alert is None and not window.has_all_names:
        return None
    before = _tally_before(context, window)
    estimate = _with_accepted(window, before, _estimated_peak(window, before), hits_removed=hits_removed)
    estimated = _assess(context, window, estimate)
    if not is_stale and decide(window.last_alert, estimated, hits_removed=hits_removed) is None:
        return None
    exact_peak = _exact_peak(window, before, hits_removed=hits_removed)
    now = estimated
    if exact_peak != estimate.of_all:
        now = _assess(context, window, _with_accepted(window, before, exact_peak, hits_removed=hits_removed))
    decision = decide(window.last_alert, now, hits_removed=hits_removed, is_stale=is_stale)
    return (decision, now) if decision is not None else None


def _assess(context: CountContext, window: WindowState, peaks: Peaks) -> Assessment:
    unfinished = LATE if is_late(window.key) else OPEN
    progress = FINAL if context.watermark.has_passed(window.final_ms) else unfinished
    return assess(window.rule, context.policy, window.tally, window.names, peaks, progress)


def _estimated_peak(window: WindowState, before: Tally | None) -> int:
    """A peak of the same level as the exact one."""
    count = len(window.tally.units)
    lowest = max(count, window.last_alert.peak) if window.last_alert is not None else count
    if before is None or window.rule.level(lowest) == window.rule.level(count + len(before.units)):
        return lowest
    return peak(before.moments(), window.tally.moments(), window.rule.window_ms)


def _exact_peak(window: WindowState, before: Tally | None, *, hits_removed: bool) -> int:
    """When a window is final, the one before it is dropped: from then on the published peak is the minimum."""
    last = window.last_alert
    published = last.peak if last is not None and last.window == FINAL and not hits_removed else 0
    if before is None:
        return max(published, len(window.tally.units))
    return max(published, peak(before.moments(), window.tally.moments(), window.rule.window_ms))


def _with_accepted(window: WindowState, before: Tally | None, of_all: int, *, hits_removed: bool) -> Peaks:
    """The peak of accepted mails is that of all where none was refused, as in nearly every window."""
    last = window.last_alert
    refused = window.tally.has_refused or (before is not None and before.has_refused)
    if not refused and (last is None or last.accepted_peak == last.peak):
        return Peaks(of_all, of_all)
    published = last.accepted_peak if last is not None and last.window == FINAL and not hits_removed else 0
    earlier = before.accepted_moments() if before is not None else ()
    accepted = peak(earlier, window.tally.accepted_moments(), window.rule.window_ms)
    return Peaks(of_all, max(published, accepted))


def _tally_before(context: CountContext, window: WindowState) -> Tally | None:
    if is_late(window.key):
        return None
    before = context.windows.get(neighbour(window.key, -window.rule.window_ms))
    return before.tally if before is not None else None


def _write_names(builder: OutcomeBuilder, window: WindowState) -> None:
    """Store the names that are not in an alert yet; a tombstone if no domain is left."""
    names = window.names
    window.has_names_record = bool(names.domains)
    record = NamesRecord(
        names.sender, list(names.domains.values()), list(names.labels), window.final_ms, window.drop_ms
    )
    builder.records.append((NAMES + window.key, encode(record) if window.has_names_record else None))


def _publish(context: CountContext, builder: OutcomeBuilder, due: _Due) -> None:
    """A withdrawal shows the figures that were published and the names from before the removal."""
    window, decision, now = due.window, due.decision, due.now
    if decision.activity == CLOSE and due.before_removal is not None and window.last_alert is not None:
        now, summary = as_published(window.last_alert, now), due.before_removal
    else:
        summary = summary_of(window)
    content = AlertContent(decision, now, summary, builder.evidence(window.key))
    record = record_of(window, content, context, builder.offset)
    builder.records.append((FINDING + window.key, encode(record)))
    builder.states.append(record.state)
    builder.alerted.add(window.key)
    context.freshness.published(window.key)
    was_open = window.is_open
    context.published += window.last_alert is None
    window.last_alert = record.last_alert()
    context.open_findings[window.rule.name] += window.is_open - was_open
