"""What has become of a slot: compared with what was last published of it, and published anew where that is worth it."""

from streams.events.alert import alert_of
from streams.events.finding import CLOSE, FINAL, LATE, OPEN
from streams.findings.context import CountContext
from streams.findings.decide import Decision, Present, decide, present
from streams.findings.log.records import FINDING, HIT, NAMES, NamesRecord, encode
from streams.findings.outcome import Turn
from streams.findings.peak import peak
from streams.findings.render import Seen, Telling, as_last_told, record_of, seen
from streams.findings.store.tally import Tally
from streams.findings.store.window_state import WindowState, is_late, neighbour


def evaluate(shared: CountContext, turn: Turn, key: bytes) -> None:
    """Publish the slot's finding where that is due.

    What changed is looked for in the state, not in the batch: what a crash left unpublished is published when its hits
    are read again.
    """
    slot = shared.slots.get(key)
    if slot is None:
        return
    gone = {digest for digest, domain in slot.names.domains.items() if shared.policy.is_allowed(domain.domain)}
    told = seen(slot) if gone else None
    if gone:
        _take_out(shared, turn, slot, gone)
    decided = _decide(shared, slot, lessened=bool(gone))
    if (key in turn.renamed and decided is None) or (gone and slot.noted):
        _note(turn, slot)
    if decided is not None:
        decision, now = decided
        _publish(shared, turn, slot, decision, now, told)


def _take_out(shared: CountContext, turn: Turn, slot: WindowState, gone: set[bytes]) -> None:
    """Hits of domains that are allowed now were no slips."""
    hits = slot.tally.remove(gone)
    shared.slots.grew(-len(hits))
    turn.records.extend((HIT + slot.key + hit, None) for hit in hits)
    for digest in gone:
        del slot.names.domains[digest]


def _decide(shared: CountContext, slot: WindowState, *, lessened: bool) -> tuple[Decision, Present] | None:
    """The exact peak takes sorting, so it is found only where a rough one says that there is something to tell."""
    if slot.published is None and not slot.is_named:
        return None
    rough_peak = _rough_peak(shared, slot)
    rough = _present(shared, slot, rough_peak)
    if decide(slot.published, rough, lessened=lessened) is None:
        return None
    exact_peak = _exact_peak(shared, slot, lessened=lessened)
    now = rough if exact_peak == rough_peak else _present(shared, slot, exact_peak)
    decision = decide(slot.published, now, lessened=lessened)
    return (decision, now) if decision is not None else None


def _present(shared: CountContext, slot: WindowState, peak_now: int) -> Present:
    unfinished = LATE if is_late(slot.key) else OPEN
    window = FINAL if shared.watermark.has_passed(slot.final_ms) else unfinished
    return present(slot.rule, shared.policy, slot.tally, slot.names, peak_now, window)


def _rough_peak(shared: CountContext, slot: WindowState) -> int:
    """A peak of the same level as the exact one."""
    before, count = _before(shared, slot), len(slot.tally.units)
    least = max(count, slot.published.peak) if slot.published is not None else count
    if before is None or slot.rule.level(least) == slot.rule.level(count + len(before.units)):
        return least
    return peak(before.moments(), slot.tally.moments(), slot.rule.window_ms)


def _exact_peak(shared: CountContext, slot: WindowState, *, lessened: bool) -> int:
    """The window before is dropped when this one is final, so from then on the peak that was told holds."""
    before = _before(shared, slot)
    told = slot.published.peak if slot.published is not None and slot.published.window == FINAL and not lessened else 0
    if before is None:
        return max(told, len(slot.tally.units))
    return max(told, peak(before.moments(), slot.tally.moments(), slot.rule.window_ms))


def _before(shared: CountContext, slot: WindowState) -> Tally | None:
    if is_late(slot.key):
        return None
    before = shared.slots.get(neighbour(slot.key, -slot.rule.window_ms))
    return before.tally if before is not None else None


def _note(turn: Turn, slot: WindowState) -> None:
    """Keep the names that no alert tells, until one does."""
    names = slot.names
    slot.noted = bool(names.domains)
    record = NamesRecord(names.sender, list(names.domains.values()), list(names.labels), slot.final_ms, slot.drop_ms)
    turn.records.append((NAMES + slot.key, encode(record) if slot.noted else None))


def _publish(
    shared: CountContext, turn: Turn, slot: WindowState, decision: Decision, now: Present, told: Seen | None
) -> None:
    if decision.activity == CLOSE and told is not None and slot.published is not None:
        now = as_last_told(slot.published, now)
    else:
        told = seen(slot)
    telling = Telling(decision, now, told, turn.evidence(slot.key))
    record = record_of(slot, telling, shared.policy, shared.digests, turn.offset)
    turn.records.append((FINDING + slot.key, encode(record)))
    turn.alerts.append(alert_of(record.state))
    turn.alerted.add(slot.key)
    was_open = slot.is_open
    slot.published = record.published()
    shared.open[slot.rule.name] += slot.is_open - was_open
