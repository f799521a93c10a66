"""A hit joins the tally of its window, for each rule that takes it."""

from dataclasses import dataclass

from streams.events.delivery import STORED_RANKS
from streams.events.hit import TypoHit
from streams.events.mistaken_domain import MistakenDomain
from streams.findings.context import CountContext
from streams.findings.log.records import hit_record
from streams.findings.outcome import Turn
from streams.findings.rules import Rule
from streams.findings.store.digests import Digests
from streams.findings.store.tally import Entry
from streams.findings.store.window_state import WindowState, is_late, neighbour, slot_key
from streams.findings.windows import drop_time, final_time, window_start


@dataclass(frozen=True, slots=True)
class _Digested:
    """A hit, its entry and what it says of its domain: the same for all rules."""

    hit: TypoHit
    entry: Entry
    domain: MistakenDomain


def count_hit(shared: CountContext, turn: Turn, hit: TypoHit, *, replayed: bool) -> None:
    """Add a hit to its slots and touch them; `replayed` says that all it led to is in the state already."""
    digested = _Digested(hit, _entry(hit, shared.digests), hit.mistaken_domain)
    came_late = False
    for digest, rule in shared.rules.items():
        if rule.takes(hit):
            slot = _slot(shared, digest, rule, hit, digested.entry.hit, replayed=replayed)
            if slot is not None:
                changed = _add(shared, turn, slot, digested)
                came_late |= changed and is_late(slot.key)
    turn.late += came_late


def _entry(hit: TypoHit, digests: Digests) -> Entry:
    return Entry(
        hit=digests.hit(hit.id),
        mail=digests.mail(hit.mail),
        domain=digests.domain(hit.domain),
        recipients=digests.recipients(hit.recipients, hit.recipient_count),
        sender=digests.sender(hit.sender_digest),
        time_ms=hit.time,
        rank=STORED_RANKS[hit.delivery],
    )


def _slot(
    shared: CountContext, digest: bytes, rule: Rule, hit: TypoHit, opened_by: bytes, *, replayed: bool
) -> WindowState | None:
    """The slot that the hit belongs to: its window's while that is kept, else a late one.

    None for a hit that is read again after its window was dropped: it was counted there, or in a late slot.
    """
    key = shared.digests.key(hit.sender_digest if rule.group_by == "sender" else hit.domain)
    start_ms = window_start(hit.time, rule.window_ms)
    final_ms = final_time(start_ms, rule.window_ms, shared.policy.grace_ms)
    in_time = slot_key(digest, key, start_ms)
    was_dropped = shared.watermark.has_passed(drop_time(final_ms, rule.window_ms))
    if replayed and was_dropped:
        return None
    is_kept = in_time in shared.slots and not was_dropped
    kept = shared.slots.get(in_time if is_kept else shared.late.get(in_time, b""))
    if kept is not None and not shared.watermark.has_passed(kept.drop_ms):
        return kept
    if not was_dropped or shared.watermark.ms is None:
        return _open(shared, WindowState(in_time, rule, final_ms, drop_time(final_ms, rule.window_ms)))
    shared.late[in_time] = slot_key(digest, key, start_ms, opened_by)
    final_ms = shared.watermark.ms + shared.policy.grace_ms
    return _open(shared, WindowState(shared.late[in_time], rule, final_ms, drop_time(final_ms, rule.window_ms)))


def _open(shared: CountContext, slot: WindowState) -> WindowState:
    shared.slots.add(slot)
    shared.finals.add(slot.final_ms, slot.key)
    return slot


def _add(shared: CountContext, turn: Turn, slot: WindowState, digested: _Digested) -> bool:
    """Whether the hit changed the tally. A known one touches its slot too: what it led to may be unsent."""
    changed = slot.tally.add(digested.entry, shared.policy.max_mails)
    if changed:
        shared.slots.grew(1)
        turn.records.append(hit_record(slot.key, digested.entry, slot.final_ms, slot.drop_ms))
    if digested.entry.domain in slot.tally.domains and _name(shared, slot, digested):
        turn.renamed.add(slot.key)
    turn.touch(slot.key, digested.hit, changed=changed)
    after = neighbour(slot.key, slot.rule.window_ms)
    if not is_late(slot.key) and after in shared.slots:
        turn.touched.setdefault(after, [])
    return changed


def _name(shared: CountContext, slot: WindowState, digested: _Digested) -> bool:
    changed = slot.names.add_domain(digested.entry.domain, digested.domain)
    if slot.rule.group_by == "sender" and slot.names.sender is None:
        slot.names.sender = digested.hit.sender
        changed = True
    return slot.names.add_labels(digested.hit.labels, shared.policy) or changed
