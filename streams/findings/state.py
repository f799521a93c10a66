"""The running state of one partition of a hit topic: hits and watermark messages in, state records and alerts out."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import structs

from streams.events.alert import alert_of
from streams.events.hit import Tick, TypoHit
from streams.findings.context import CountContext
from streams.findings.count import DigestedHit, count_hit, digest_hit
from streams.findings.evaluate import evaluate, evaluate_all, note_growth
from streams.findings.log.load import LoadedState, StateLoader
from streams.findings.log.records import (
    CHECK,
    WATERMARK,
    CheckRecord,
    Record,
    WatermarkRecord,
    decode_finding,
    encode,
    source_record,
    tombstones,
)
from streams.findings.outcome import Outcome, OutcomeBuilder
from streams.findings.rules import FindingPolicy, GroupBy, Rule
from streams.findings.store.agenda import Agenda
from streams.findings.store.digests import Digests
from streams.findings.store.unpacked_budget import UnpackedBudget
from streams.findings.store.window_state import KEY_LENGTH
from streams.findings.store.window_store import WindowStore
from streams.findings.watermark import Watermark

MAX_ALERTS = 100
MAX_TOMBSTONES = 20_000
"""The limits of one outcome, approximately: all findings of a rule become final, and are dropped, at the same moment,
which would need much memory and block the event loop. Each of a worker's partitions has an outcome in flight then: with
500 alerts, and as many windows unpacked for them, a worker that ends 20,000 findings takes 100 MB more."""
WATERMARK_STEP_MS = 60_000
"""The watermark is written when it has advanced by this much, and whenever other records depend on it."""


class PartitionState:
    """Counts the hits of one partition of a hit topic, by the rules that group by its key (`group_by`).

    No I/O and no clock: the outcomes depend only on the restored records and on the batches applied since.
    """

    def __init__(
        self, policy: FindingPolicy, digests: Digests, group_by: GroupBy, budget: UnpackedBudget | None = None
    ) -> None:
        """An empty state, for a partition of which nothing has been read. `budget` is that of the worker for unpacked
        windows; None for one of its own."""
        rules = {digests.rule(rule.identity): rule for rule in policy.rules if rule.group_by == group_by}
        self._initialise(policy, digests, LoadedState(WindowStore(rules, budget)), rules)

    @classmethod
    def load(
        cls,
        policy: FindingPolicy,
        digests: Digests,
        group_by: GroupBy,
        records: Iterable[Record],
        start_offset: int,
        *,
        budget: UnpackedBudget | None = None,
        earliest_offset: int = 0,
        first_sequence: int = 1,
        log_end: int = 0,
        known_end: int = 0,
    ) -> "PartitionState":
        """Restore the state from `records` of the state topic, in the order of the topic. Raises UnreadableStateError.

        `start_offset` is the offset from which hits will be read. The alerts of a batch that ended there or later may
        not have been delivered, so the first batch sends them again. `earliest_offset` is that of the first hit that
        Kafka still has: from there a state that has lost records is counted again. `first_sequence` is the least
        sequence of new alerts. `log_end` is the end of the state topic before it was read, and `known_end` what that
        was at least when hits were committed: where it is beyond, the newest records were lost.
        """
        state = cls(policy, digests, group_by, budget)
        rules, windows = state._context.rules, state._context.windows
        cut = max(0, known_end - log_end)
        loader = StateLoader(rules, digests, start_offset, windows, earliest_offset, cut=cut)
        state._initialise(policy, digests, loader.read(records), rules, first_sequence)
        state.log_end = log_end
        return state

    def _initialise(
        self,
        policy: FindingPolicy,
        digests: Digests,
        loaded: LoadedState,
        rules: dict[bytes, Rule],
        first_sequence: int = 1,
    ) -> None:
        written, self.loss = loaded.watermark, loaded.loss
        self.log_end = 0
        """The least offset of the state topic after all records that were delivered."""
        self._written_watermark_ms = written.watermark_ms if written is not None else None
        self._context = CountContext(
            policy, digests, rules, loaded.windows, Watermark(self._written_watermark_ms), check=loaded.check
        )
        self._context.sources = loaded.sources
        self._context.first_sequence = max(first_sequence, loaded.check.sequence)
        self._context.accounted_offset = written.offset if written is not None else -1
        self._forgets_watermark = self.loss is not None and self.loss.recounted
        self._unconfirmed, self._expired = loaded.unconfirmed, loaded.expired
        self._drops, self._orphans = Agenda(), Agenda()
        for key, drop_ms in loaded.orphaned.items():
            self._orphans.add(drop_ms, key)
        self._context.finals = loaded.finals
        self._context.open_findings.update({rules[rule].name: number for rule, number in loaded.open.items()})
        self._context.published = loaded.published
        for key in loaded.grown:
            self._context.freshness.grew(key, policy.updates.after_ms)
            self._note_neighbour(key)
        self._context.late_windows.update(loaded.late_windows())
        self._is_policy_new = True
        self._to_withdraw: list[bytes] = []

    def _note_neighbour(self, key: bytes) -> None:
        """The peak of the window after one that grew may have grown with it."""
        next_key = self._context.windows.next_key(key)
        if next_key is not None and self._context.windows.peek(next_key).is_open:
            self._context.freshness.grew(next_key, self._context.policy.updates.after_ms)

    @property
    def watermark_ms(self) -> int | None:
        """The watermark; None until every source partition has reported one."""
        return self._context.watermark.ms

    @property
    def is_damaged(self) -> bool:
        """Whether records were lost, so that findings may be wrong until the hits are counted again."""
        return self.loss is not None and not self.loss.recounted

    def findings_open(self) -> dict[str, int]:
        """By rule: the number of published findings that are neither final nor withdrawn."""
        return {rule.name: self._context.open_findings[rule.name] for rule in self._context.rules.values()}

    def adopt(self, policy: FindingPolicy) -> None:
        """Switch to the policy of a reloaded watchlist. The next watermark message withdraws findings of domains that
        it allows. ValueError if the rules differ."""
        if policy.rules != self._context.policy.rules:
            raise ValueError("a running state cannot change its rules")
        self._context.policy = policy
        self._is_policy_new = True

    def apply(self, batch: Sequence[TypoHit | Tick], *, first_offset: int, last_offset: int) -> Iterator[Outcome]:
        """Apply a batch: the readable ones of the records from `first_offset` to `last_offset`.

        Each outcome must be delivered, records before alerts, before the next one is requested, and all of them before
        the batch is committed. The first batch after a restore begins with alerts that may not have been delivered.
        """
        for outcome in self._outcomes(batch, first_offset, last_offset):
            yield outcome
            self.log_end += len(outcome.records)

    def _outcomes(self, batch: Sequence[TypoHit | Tick], first_offset: int, last_offset: int) -> Iterator[Outcome]:
        yield from self._send_again()
        items = self._digested(batch, last_offset - len(batch) + 1)
        applied = 0
        while True:
            builder = OutcomeBuilder(last_offset, self._context.accounted_offset)
            applied = self._count(items, applied, builder)
            done_offset = last_offset if applied == len(batch) else first_offset + applied - 1
            builder.accounted_offset = max(builder.accounted_offset, done_offset)
            evaluate_all(self._context, builder)
            note_growth(self._context, builder)
            self._find_withdrawals(builder)
            yield self._finish(builder)
            while self._has_more():
                yield self._finish(OutcomeBuilder(last_offset, builder.accounted_offset))
            if applied == len(batch):
                return

    def _send_again(self) -> Iterator[Outcome]:
        """First of all, records of a lost state's watermark are made invalid: hits are read that came before it."""
        if self._forgets_watermark:
            self._forgets_watermark = False
            yield Outcome([(WATERMARK, None)], [])
        while self._unconfirmed:
            keys = list(self._unconfirmed)[:MAX_ALERTS]
            alerts = [alert_of(decode_finding(self._unconfirmed.pop(key)).state, repeated=True) for key in keys]
            yield Outcome([], alerts)

    def _digested(self, batch: Sequence[TypoHit | Tick], first_offset: int) -> Sequence[DigestedHit | Tick]:
        """The batch with its hits as they are counted: all of them in one go, which costs less than one at a time.

        `first_offset` is that of the batch's first item; it errs high if a record was unreadable, so that a new hit is
        never taken for a replayed one.
        """
        digests = self._context.digests
        return [
            item if isinstance(item, Tick) else digest_hit(digests, item, offset)
            for offset, item in enumerate(batch, first_offset)
        ]

    def _count(self, items: Sequence[DigestedHit | Tick], start: int, builder: OutcomeBuilder) -> int:
        """Count from index `start` to the next watermark message that makes something due; returns the index after it.

        So whether a window is final or dropped does not depend on later records, nor on how a replay after a crash cuts
        the batches.
        """
        for index in range(start, len(items)):
            item = items[index]
            if isinstance(item, Tick):
                self._context.watermark.update(item)
                self._context.freshness.update(item)
                builder.has_tick = True
                if self._has_due():
                    return index + 1
            elif not self._context.policy.is_allowed(item.hit.domain):
                count_hit(self._context, builder, item)
        return len(items)

    def _finish(self, builder: OutcomeBuilder) -> Outcome:
        """Process what is due. Windows are only dropped when all final alerts, which may need them, have been sent."""
        self._withdraw(builder)
        self._finalise(builder)
        self._refresh(builder)
        dropped = [] if self._is_due(self._context.finals) else self._drop(builder)
        builder.records += [source_record(key, offset) for key, offset in self._context.sources.take_changes()]
        self._write_check(builder)
        self._write_watermark(builder, is_needed=bool(dropped))
        builder.records += dropped
        self._context.windows.trim()
        alerts = list(map(alert_of, builder.states))  # one after the other, which costs less than one at a time
        return Outcome(builder.records, alerts, builder.late, builder.repeated)

    def _find_withdrawals(self, builder: OutcomeBuilder) -> None:
        windows, is_allowed = self._context.windows, self._context.policy.is_allowed
        if builder.has_tick and self._is_policy_new:
            self._is_policy_new = False
            allowed = set(filter(is_allowed, windows.all_domains()))
            self._to_withdraw = [key for key in windows if windows.domains(key) & allowed] if allowed else []

    def _withdraw(self, builder: OutcomeBuilder) -> None:
        while self._to_withdraw and len(builder.states) < MAX_ALERTS:
            evaluate(self._context, builder, self._to_withdraw.pop())

    def _finalise(self, builder: OutcomeBuilder) -> None:
        windows, finals = self._context.windows, self._context.finals
        while len(builder.states) < MAX_ALERTS and (key := finals.take(self.watermark_ms)) is not None:
            window = windows.peek(key)
            self._drops.add(window.drop_ms, key)
            if window.is_open:
                evaluate(self._context, builder, key)
                builder.became_final = True

    def _refresh(self, builder: OutcomeBuilder) -> None:
        """Publish findings that have grown, as many as `_finalise` leaves room for."""
        room = MAX_ALERTS - len(builder.states)
        while room > 0 and (key := self._context.freshness.take()) is not None:
            evaluate(self._context, builder, key, is_stale=True)
            room -= 1

    def _drop(self, builder: OutcomeBuilder) -> list[Record]:
        """Tombstones of what is due, except for windows with an alert in this outcome: a restore may have to send it
        again from their records."""
        dropped: list[Record] = [(key, None) for key in self._expired[:MAX_TOMBSTONES]]
        del self._expired[:MAX_TOMBSTONES]
        while len(dropped) < MAX_TOMBSTONES and (orphan := self._orphans.take(self.watermark_ms)) is not None:
            dropped.append((orphan, None))
        postponed = []
        while len(dropped) < MAX_TOMBSTONES and (key := self._drops.take(self.watermark_ms)) is not None:
            if key in builder.alerted:
                postponed.append(key)
            else:
                dropped.extend(self._remove(key))
        for key in postponed:
            self._drops.add(self._context.windows.peek(key).drop_ms, key)
        return dropped

    def _remove(self, key: bytes) -> Iterable[Record]:
        window, hits = self._context.windows.pop(key)
        if self._context.late_windows.get(key[:KEY_LENGTH]) == key:
            del self._context.late_windows[key[:KEY_LENGTH]]
        self._context.published -= window.last_alert is not None
        return tombstones(key, hits, has_names=window.has_names_record, has_finding=window.last_alert is not None)

    def _write_watermark(self, builder: OutcomeBuilder, *, is_needed: bool) -> None:
        """Write the watermark after all other records but before the tombstones.

        By it a restore recognises windows that were dropped in part and hits that were counted before the crash.
        """
        now_ms, written_ms = self.watermark_ms, self._written_watermark_ms
        if now_ms is None:
            return
        has_advanced = written_ms is None or now_ms >= written_ms + WATERMARK_STEP_MS
        if has_advanced or is_needed or builder.late or builder.became_final:
            self._written_watermark_ms, self._context.accounted_offset = now_ms, builder.accounted_offset
            builder.records.append(
                (WATERMARK, encode(WatermarkRecord(now_ms, self._context.accounted_offset, checked=True)))
            )

    def _write_check(self, builder: OutcomeBuilder) -> None:
        """Write how many records there are, where that has changed: after new ones, before tombstones."""
        context, last = self._context, self._context.check
        now = CheckRecord(context.windows.hit_count, context.published, context.first_sequence, self.is_damaged)
        if last.sequence and (last.hits, last.findings, last.damaged) == (now.hits, now.findings, now.damaged):
            return
        context.check = structs.replace(now, settled_ms=self._settled_ms())
        builder.records.append((CHECK, encode(context.check)))

    def _settled_ms(self) -> int | None:
        """Of the check record: it advances to the watermark where that leaves no final alert to send."""
        settled_ms, now_ms = self._context.check.settled_ms, self.watermark_ms
        if now_ms is None or self.is_damaged or self._is_due(self._context.finals):
            return settled_ms
        return now_ms if settled_ms is None else max(settled_ms, now_ms)

    def _is_due(self, agenda: Agenda) -> bool:
        return agenda.is_due(self.watermark_ms)

    def _has_due(self) -> bool:
        agendas = self._context.finals, self._drops, self._orphans
        return self._context.freshness.is_due() or any(map(self._is_due, agendas))

    def _has_more(self) -> bool:
        return bool(self._expired or self._to_withdraw) or self._has_due()
