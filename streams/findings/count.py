"""Counts a hit: adds it to the tally of its window, for each rule that matches it."""

import msgspec

from streams.events.delivery import STORED_RANKS
from streams.events.hit import TypoHit
from streams.events.mistaken_domain import MistakenDomain
from streams.findings.context import CountContext
from streams.findings.log.records import hit_record
from streams.findings.outcome import OutcomeBuilder
from streams.findings.rules import Rule
from streams.findings.store.asked_tally import ASKED_RANKS
from streams.findings.store.digests import HIT_BYTES, Digests
from streams.findings.store.source_offsets import source_key
from streams.findings.store.tally import Entry
from streams.findings.store.window_state import WindowState, is_late, window_key
from streams.findings.windows import drop_time, final_time, window_start

DOMAIN_BYTES = 8
"""Of the digest of a mistaken domain in the state of `SourceOffsets`."""
NO_DIGEST = bytes(HIT_BYTES)
"""In the place of the hit's digest, in the content of which that is made."""


class DigestedHit(msgspec.Struct, frozen=True):
    """A hit with its own offset, its entry and its mistaken domain: the same for all rules."""

    hit: TypoHit
    offset: int
    entry: Entry
    domain: MistakenDomain


def digest_hit(digests: Digests, hit: TypoHit, offset: int) -> DigestedHit:
    """A hit, read at this offset, as it is counted."""
    return DigestedHit(hit, offset, _entry(hit, digests), hit.mistaken_domain)


def count_hit(context: CountContext, builder: OutcomeBuilder, digested: DigestedHit) -> None:
    """Add a hit to its windows and have them evaluated."""
    hit = digested.hit
    was_late = was_repeated = False
    for digest, rule in context.rules.items():
        if rule.matches(hit):
            source = _source(context, digest, hit)
            was_counted = source is not None and context.sources.has(*source)
            window = _window_of(context, digest, rule, digested, was_counted=was_counted)
            if window is None:
                was_repeated = True
                continue
            changed = _add(context, builder, window, digested)
            was_late |= changed and is_late(window.key)
            if source is not None and (changed or not was_counted):  # a new hit at an old offset: the topic is new
                context.sources.set(*source)
    builder.late += was_late
    builder.repeated += was_repeated


def _source(context: CountContext, rule_digest: bytes, hit: TypoHit) -> tuple[bytes, int] | None:
    """Where the hit's mail event is, as `SourceOffsets` has it; None where an earlier version wrote the hit."""
    if hit.partition is None or hit.offset is None:
        return None
    return source_key(rule_digest, context.digests.key(hit.domain)[:DOMAIN_BYTES], hit.partition), hit.offset


def _entry(hit: TypoHit, digests: Digests) -> Entry:
    content = Entry.content(
        digests.mail(hit.mail),
        digests.domain(hit.domain),
        digests.recipients(hit.recipients, hit.recipient_count),
        digests.sender(hit.sender_digest),
        hit.time,
        STORED_RANKS[hit.delivery] if hit.asked is None else ASKED_RANKS[hit.asked],
    )
    return Entry.of(digests.entry(hit.id, NO_DIGEST + content), content)


def _window_of(
    context: CountContext, rule_digest: bytes, rule: Rule, digested: DigestedHit, *, was_counted: bool
) -> WindowState | None:
    """The window that counts the hit: its regular window until that is dropped, then a late one.

    None for a hit that was counted before, in its regular window or in a late one, which was dropped since: by its own
    offset, or `was_counted` by that of its mail event.
    """
    hit, watermark = digested.hit, context.watermark
    key = context.digests.key(hit.sender_digest if rule.group_by == "sender" else hit.domain)
    start_ms = window_start(hit.time, rule.window_ms)
    final_ms = final_time(start_ms, rule.window_ms, context.policy.grace_ms)
    drop_ms = drop_time(final_ms, rule.window_ms)
    regular = window_key(rule_digest, key, start_ms)
    if watermark.ms is None or not watermark.has_passed(drop_ms):
        window = context.windows.get(regular)
        return window if window is not None else _open(context, WindowState(regular, rule, final_ms, drop_ms))
    if digested.offset <= context.accounted_offset:
        return None
    window = context.windows.get(context.late_windows.get(regular, b""))
    if window is not None and not watermark.has_passed(window.drop_ms):
        return window if not was_counted or window.tally.has(digested.entry) else None
    if was_counted:
        return None
    late = context.late_windows[regular] = window_key(rule_digest, key, start_ms, context.digests.hit(hit.id))
    final_ms = watermark.ms + context.policy.grace_ms
    return _open(context, WindowState(late, rule, final_ms, drop_time(final_ms, rule.window_ms)))


def _open(context: CountContext, window: WindowState) -> WindowState:
    context.windows.add(window)
    context.finals.add(window.final_ms, window.key)
    return window


def _add(context: CountContext, builder: OutcomeBuilder, window: WindowState, digested: DigestedHit) -> bool:
    """Whether the hit changed the tally. A known hit has its window evaluated too: its alert may be undelivered."""
    changed = window.tally.add(digested.entry, context.policy.max_mails)
    if digested.hit.domains_over_limit and window.rule.group_by == "sender" and digested.hit.asked is None:
        window.tally.count_is_minimum = True  # other domains of this mail are not known here
    if changed:
        context.windows.grew(1)
        builder.grown.setdefault(window.key, context.freshness.elapsed_ms)
        builder.records.append(hit_record(window.key, digested.entry, window.final_ms, window.drop_ms))
    if digested.entry.domain in window.tally.all_domains() and _add_names(context, window, digested):
        builder.renamed.add(window.key)
    builder.add_hit(window.key, digested.hit, changed=changed)
    if (next_key := context.windows.next_key(window.key)) is not None:
        builder.to_evaluate.setdefault(next_key, [])  # its peak may have changed
        if changed:
            builder.grown.setdefault(next_key, context.freshness.elapsed_ms)
    return changed


def _add_names(context: CountContext, window: WindowState, digested: DigestedHit) -> bool:
    changed = window.names.add_domain(digested.entry.domain, digested.domain, window.tally.domains)
    if window.rule.group_by == "sender" and window.names.sender is None:
        window.names.sender = digested.hit.sender
        changed = True
    if digested.hit.delivery == "rejected" or digested.hit.asked is not None:
        return changed  # whoever has mail refused wrote its labels
    return window.names.add_labels(digested.hit.labels, context.policy) or changed
