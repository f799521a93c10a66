"""The running state of one partition of a hit topic: hits and ticks in, records of the state and alerts out."""

from collections.abc import Iterable, Iterator, Sequence

from streams.events.alert import alert_of
from streams.events.hit import Tick, TypoHit
from streams.findings.context import CountContext
from streams.findings.count import count_hit
from streams.findings.evaluate import evaluate
from streams.findings.log.load import Loaded, Loader
from streams.findings.log.records import WATERMARK, Record, WatermarkRecord, decode_finding, encode, tombstones
from streams.findings.outcome import Outcome, Turn
from streams.findings.rules import FindingPolicy, GroupBy, Rule
from streams.findings.store.agenda import Agenda
from streams.findings.store.digests import RULE_BYTES, Digests
from streams.findings.store.window_state import KEY_LENGTH
from streams.findings.store.window_store import WindowStore
from streams.findings.watermark import Watermark

ALERTS_AT_ONCE = 500
TOMBSTONES_AT_ONCE = 20_000
"""An outcome has about so many at most, for the sake of memory and of all else in the thread: the findings of a rule
become final, and are dropped, at the same moment."""
WATERMARK_STEP_MS = 60_000
"""The watermark is written when it has moved on by so much, and with all that rests on it."""


class PartitionState:
    """Counts the hits of one partition, by the rules that group as its topic does.

    No I/O and no clock: what comes out depends on what was loaded and on what was applied, in which batches.
    """

    def __init__(self, policy: FindingPolicy, digests: Digests, group_by: GroupBy) -> None:
        """An empty state, as of a partition that nothing was read of yet."""
        rules = {digests.rule(rule.identity): rule for rule in policy.rules if rule.group_by == group_by}
        self._begin(policy, digests, Loaded(WindowStore(rules)), rules)

    @classmethod
    def load(
        cls, policy: FindingPolicy, digests: Digests, group_by: GroupBy, records: Iterable[Record], start_offset: int
    ) -> "PartitionState":
        """The state as `records` of the state topic tell it, in the order of the log.

        `start_offset` is the offset from which hits will be read. The alerts of what was published for a batch that
        ended there or later may not have been sent: they are sent again.
        """
        state = cls(policy, digests, group_by)
        rules = state._shared.rules
        state._begin(policy, digests, Loader(rules, digests, start_offset).read(records), rules)
        return state

    def _begin(self, policy: FindingPolicy, digests: Digests, loaded: Loaded, rules: dict[bytes, Rule]) -> None:
        marked = loaded.watermark
        self._marked_ms = marked.watermark_ms if marked is not None else None
        self._accounted = marked.offset if marked is not None else -1
        self._shared = CountContext(policy, digests, rules, loaded.slots, Watermark(self._marked_ms))
        self._unsure, self._doomed = loaded.unsure, loaded.doomed
        self._drops, self._foreign = Agenda(), Agenda()
        for key, drop_ms in loaded.foreign.items():
            self._foreign.add(drop_ms, key)
        for key in loaded.slots:
            slot = loaded.slots.peek(key)
            self._shared.finals.add(slot.final_ms, key)
            self._shared.open[rules[key[:RULE_BYTES]].name] += slot.is_open
        self._shared.late.update(loaded.late())
        self._is_policy_new = True
        self._to_look_at: list[bytes] = []

    @property
    def watermark_ms(self) -> int | None:
        """The watermark; None until every source partition has spoken."""
        return self._shared.watermark.ms

    def findings_open(self) -> dict[str, int]:
        """By rule: the findings that were published and are neither final nor withdrawn."""
        return {rule.name: self._shared.open[rule.name] for rule in self._shared.rules.values()}

    def adopt(self, policy: FindingPolicy) -> None:
        """Go by a new watchlist. What it withdraws is withdrawn with the next tick."""
        if policy.rules != self._shared.policy.rules:
            raise ValueError("a running state cannot change its rules")
        self._shared.policy = policy
        self._is_policy_new = True

    def apply(self, batch: Sequence[TypoHit | Tick], *, first_offset: int, last_offset: int) -> Iterator[Outcome]:
        """Take in a batch, what could be read of the records from `first_offset` to `last_offset`.

        Each outcome must be delivered, records before alerts, before the next one is asked for, and all of them before
        the batch is committed. The first batch after a load begins with alerts that may not have been sent before.
        """
        yield from self._send_again()
        taken = 0
        while True:
            turn = Turn(last_offset, self._accounted)
            taken = self._take_in(batch, taken, turn, last_offset - len(batch) + 1)
            turn.accounted = max(turn.accounted, last_offset if taken == len(batch) else first_offset + taken - 1)
            for key in turn.touched:
                evaluate(self._shared, turn, key)
            self._look_for_allowed(turn)
            yield self._finish(turn)
            while self._has_more():
                yield self._finish(Turn(last_offset, turn.accounted))
            if taken == len(batch):
                return

    def _send_again(self) -> Iterator[Outcome]:
        while self._unsure:
            keys = list(self._unsure)[:ALERTS_AT_ONCE]
            alerts = [alert_of(decode_finding(self._unsure.pop(key)).state, repeated=True) for key in keys]
            yield Outcome([], alerts)

    def _take_in(self, batch: Sequence[TypoHit | Tick], taken: int, turn: Turn, offset: int) -> int:
        """How many items of the batch are taken in after it: up to the next tick that makes something due.

        So what is final or dropped does not depend on what came after, in whatever batches it is read again after a
        crash. `offset` is that of the batch's first item if no record after it is unreadable; it is too high otherwise,
        so no hit is taken for one that is accounted for.
        """
        for at in range(taken, len(batch)):
            item = batch[at]
            if isinstance(item, Tick):
                self._shared.watermark.tell(item)
                turn.ticked = True
                if self._has_due():
                    return at + 1
            elif not self._shared.policy.is_allowed(item.domain):
                count_hit(self._shared, turn, item, replayed=offset + at <= self._accounted)
        return len(batch)

    def _finish(self, turn: Turn) -> Outcome:
        """Look after what is due. Nothing is dropped before all final alerts that may rest on it have been sent."""
        self._withdraw(turn)
        self._end_windows(turn)
        dropped = [] if self._is_due(self._shared.finals) else self._drop(turn)
        self._mark(turn, is_needed=bool(dropped))
        turn.records.extend(dropped)
        self._shared.slots.trim()
        return Outcome(turn.records, turn.alerts, turn.late)

    def _look_for_allowed(self, turn: Turn) -> None:
        slots, is_allowed = self._shared.slots, self._shared.policy.is_allowed
        if turn.ticked and self._is_policy_new:
            self._is_policy_new = False
            allowed = set(filter(is_allowed, slots.all_domains()))
            self._to_look_at = [key for key in slots if slots.domains(key) & allowed] if allowed else []

    def _withdraw(self, turn: Turn) -> None:
        while self._to_look_at and len(turn.alerts) < ALERTS_AT_ONCE:
            evaluate(self._shared, turn, self._to_look_at.pop())

    def _end_windows(self, turn: Turn) -> None:
        slots, finals = self._shared.slots, self._shared.finals
        while len(turn.alerts) < ALERTS_AT_ONCE and (key := finals.take(self.watermark_ms)) is not None:
            slot = slots.peek(key)
            self._drops.add(slot.drop_ms, key)
            if slot.is_open:
                evaluate(self._shared, turn, key)
                turn.became_final = True

    def _drop(self, turn: Turn) -> list[Record]:
        """Tombstones of what is due, but for findings with an alert in this very outcome: it rests on their records."""
        dropped: list[Record] = [(key, None) for key in self._doomed[:TOMBSTONES_AT_ONCE]]
        del self._doomed[:TOMBSTONES_AT_ONCE]
        while len(dropped) < TOMBSTONES_AT_ONCE and (foreign := self._foreign.take(self.watermark_ms)) is not None:
            dropped.append((foreign, None))
        postponed = []
        while len(dropped) < TOMBSTONES_AT_ONCE and (key := self._drops.take(self.watermark_ms)) is not None:
            if key in turn.alerted:
                postponed.append(key)
            else:
                dropped.extend(self._forget(key))
        for key in postponed:
            self._drops.add(self._shared.slots.peek(key).drop_ms, key)
        return dropped

    def _forget(self, key: bytes) -> Iterable[Record]:
        slot, hits = self._shared.slots.pop(key)
        if self._shared.late.get(key[:KEY_LENGTH]) == key:
            del self._shared.late[key[:KEY_LENGTH]]
        return tombstones(key, hits, noted=slot.noted, published=slot.published is not None)

    def _mark(self, turn: Turn, *, is_needed: bool) -> None:
        """Before all tombstones and after all else: what is half dropped or read again after a crash is known by it."""
        now_ms, marked_ms = self.watermark_ms, self._marked_ms
        if now_ms is None:
            return
        has_moved = marked_ms is None or now_ms >= marked_ms + WATERMARK_STEP_MS
        if has_moved or is_needed or turn.late or turn.became_final:
            self._marked_ms, self._accounted = now_ms, turn.accounted
            turn.records.append((WATERMARK, encode(WatermarkRecord(now_ms, self._accounted))))

    def _is_due(self, agenda: Agenda) -> bool:
        return agenda.is_due(self.watermark_ms)

    def _has_due(self) -> bool:
        return any(map(self._is_due, (self._shared.finals, self._drops, self._foreign)))

    def _has_more(self) -> bool:
        return bool(self._doomed or self._to_look_at) or self._has_due()
