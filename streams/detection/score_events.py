"""The one loop that scores mail events: the worker, the backtest and `watchlist diff` all use it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress
from operator import attrgetter
from typing import Literal, NamedTuple

from streams.detection.detector import SLICE_RECIPIENTS, Detector, Typo
from streams.detection.own_mail import OwnMail
from streams.errors import UnreadableRecord
from streams.events.mail import DecodedGroup, MailEvent, PlainEvents, decode_groups
from streams.memory.records import PackedRecord

Outcome = Literal["scored", "bounce", "not-ours", "not-a-domain"]
"""`not-a-domain`: no recipient has a domain that could be judged."""
SLICE_SECONDS = 0.02
"""About how long scoring may block a worker's event loop; a typical domain takes 10 us."""
LESSONS_AT_ONCE = 500
"""After this many events that may teach the memory, a worker's event loop has its turn: most take some 10 us."""
OnEvent = Callable[[MailEvent, Outcome], None]
IsReceived = Callable[[MailEvent], bool]
_source, _dated = attrgetter("source"), attrgetter("source", "time")


def nobody_receives(_event: MailEvent) -> bool:
    """False: no mail teaches as inbound mail."""
    return False


class Slip(NamedTuple):
    """An event of a batch with recipients at mistaken domains: the index `at` of its record, and what
    `Detector.typos` found."""

    at: int
    event: MailEvent
    typos: dict[str, Typo]


@dataclass(slots=True)
class ScoredBatch:
    """The result of scoring a batch of records.

    `scored`, `bounces`, `not_ours` and `not_domains` count events; `unreadable` has the index of each record that is
    not a valid event. `newest_ms_by_source` is the highest event time, in ms since the epoch, by the events' `source`.
    `doubted` has the index of each event that may have a slip or comes from a domain near a watched one; `learned` the
    entries of the memory that the batch changed, in order: one may occur several times, and the last has all.
    """

    scored: int = 0
    bounces: int = 0
    not_ours: int = 0
    not_domains: int = 0
    slips: list[Slip] = field(default_factory=list)
    unreadable: list[tuple[int, UnreadableRecord]] = field(default_factory=list)
    newest_ms_by_source: dict[str | None, int] = field(default_factory=dict)
    doubted: list[int] = field(default_factory=list)
    learned: list[PackedRecord] = field(default_factory=list)

    @property
    def newest_ms(self) -> int | None:
        """The highest event time; None where no event could be read."""
        return max(self.newest_ms_by_source.values(), default=None)


def score_events(
    values: Sequence[bytes | None],
    detector: Detector,
    is_own_mail: OwnMail,
    *,
    now_ms: int | None,
    is_received: IsReceived = nobody_receives,
    on_event: OnEvent | None = None,
) -> ScoredBatch:
    """Decode and score the values of a batch, as `score_in_slices` does, without a pause."""
    batch = ScoredBatch()
    for _ in score_in_slices(
        batch, values, detector, is_own_mail, now_ms=now_ms, is_received=is_received, on_event=on_event
    ):
        pass
    return batch


def score_in_slices(
    batch: ScoredBatch,
    values: Sequence[bytes | None],
    detector: Detector,
    is_own_mail: OwnMail,
    *,
    now_ms: int | None,
    is_received: IsReceived = nobody_receives,
    on_event: OnEvent | None = None,
) -> Iterator[None]:
    """Decode and score the values of a batch into an empty `batch`, which is complete at the end; yields each time that
    scoring uncached domains and reading odd addresses has taken SLICE_SECONDS, and while the memory learns.

    `now_ms` is the current time, None where history is read. `is_received` is the test for mail from elsewhere to own
    recipients, from which the detector's memory learns. `on_event` is called with each valid event and its outcome.
    """
    for group in decode_groups(values, now_ms=now_ms):
        if on_event is None and group.plain is not None and is_own_mail.are_all_sent(group.plain):
            yield from _score_sent(batch, group, group.plain, detector)
        else:
            yield from _score_each(batch, group, detector, is_own_mail, is_received, on_event)
    batch.scored = len(values) - len(batch.unreadable) - batch.bounces - batch.not_ours - batch.not_domains
    yield from _learn(batch, detector)


def _score_sent(batch: ScoredBatch, group: DecodedGroup, plain: PlainEvents, detector: Detector) -> Iterator[None]:
    """Score a group of own mail without a bounce, as `_score_each` does; most of its events need no look at each."""
    newest, has_one_source = batch.newest_ms_by_source, len(set(map(_source, plain.events))) == 1
    times = [(plain.events[0].source, plain.newest_ms)] if has_one_source else map(_dated, plain.events)
    for source, time_ms in times:
        newest[source] = max(newest.get(source, 0), time_ms)
    clear_recipients = len(plain.recipient_domains)
    for at in compress(range(len(plain.events)), detector.need_look(group)):
        event = plain.events[at]
        clear_recipients -= len(event.recipients)
        yield from _score(batch, group.begin + at, event, detector)
        if detector.spent_s > SLICE_SECONDS:
            detector.spent_s = 0.0
            yield
    detector.count_clear(clear_recipients)


def _score_each(
    batch: ScoredBatch,
    group: DecodedGroup,
    detector: Detector,
    is_own_mail: OwnMail,
    is_received: IsReceived,
    on_event: OnEvent | None,
) -> Iterator[None]:
    """Score a group of any events, each after the other."""
    newest = batch.newest_ms_by_source
    clear_recipients = 0
    events = group.events if group.plain is not None else detector.timed(group.events)
    for index, (event, needs_look) in enumerate(zip(events, detector.need_look(group), strict=False), group.begin):
        if isinstance(event, UnreadableRecord):
            batch.unreadable.append((index, event))
        else:
            time_ms: int = event.time  # type: ignore[assignment]  # once decoded it is ms
            source = event.source
            if time_ms > newest.get(source, 0):
                newest[source] = time_ms
            outcome: Outcome = "scored"
            if "@" not in event.sender and event.is_bounce:  # most have an @, which saves a call
                outcome = "bounce"
                batch.bounces += 1
            elif not is_own_mail(event):
                outcome = "not-ours"
                batch.not_ours += 1
                _learn_received(batch, index, event, detector, is_received)
            elif needs_look:
                outcome = yield from _score(batch, index, event, detector)
            else:
                clear_recipients += len(event.recipients)
            if on_event is not None:
                on_event(event, outcome)
        if detector.spent_s > SLICE_SECONDS:
            detector.spent_s = 0.0
            yield
    detector.count_clear(clear_recipients)


def _score(batch: ScoredBatch, index: int, event: MailEvent, detector: Detector) -> Generator[None, None, Outcome]:
    """Look for slips among an event's recipients; yields between slices of many."""
    not_domains, recipients = detector.not_domains, len(event.recipients)
    many = recipients > SLICE_RECIPIENTS
    typos = (yield from detector.typos_in_slices(event)) if many else detector.typos(event)
    if detector.doubted:
        batch.doubted.append(index)
        if typos:
            batch.slips.append(Slip(index, event, typos))
    elif detector.not_domains - not_domains == recipients:
        batch.not_domains += 1
        return "not-a-domain"
    return "scored"


def _learn(batch: ScoredBatch, detector: Detector) -> Iterator[None]:
    for number, changed in enumerate(detector.learn(), 1):
        batch.learned += changed
        if number % LESSONS_AT_ONCE == 0:
            yield


def _learn_received(
    batch: ScoredBatch, index: int, event: MailEvent, detector: Detector, is_received: IsReceived
) -> None:
    if is_received(event):
        detector.add_received(event)
        if detector.doubted:
            batch.doubted.append(index)
