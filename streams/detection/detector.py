"""The detector: which recipients of a mail are slips, by the scorer of the current watchlist, behind a cache."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, repeat
from operator import attrgetter
from typing import NamedTuple, TypeVar

from streams.detection.build_hits import Place, hits_of
from streams.detection.recall import Recalled, recall
from streams.detection.verdict_cache import Entry, NotADomain, NotCached, VerdictCache
from streams.detection.weigh_memory import weigh_memory, words
from streams.domains.names import canonical
from streams.domains.scorer import Scorer
from streams.domains.verdict import Verdict
from streams.domains.watchlist.watchlist import Watchlist
from streams.errors import MalformedDomain
from streams.events.addresses import domain_of, normalise_address
from streams.events.hit import TypoHit
from streams.events.mail import AHEAD_ALLOWED_MS, DecodedGroup, MailEvent
from streams.events.mistaken_domain import MistakenDomain
from streams.events.privacy import Privacy
from streams.events.remembered import Remembered
from streams.memory.lessons import Near
from streams.memory.memory import DAY_MS, Memory
from streams.memory.records import PackedRecord

SLICE_RECIPIENTS = 50
"""The recipients of an event with more are looked up in slices of this size: 50 of the most expensive domains take some
30 ms."""
DOMAINS_PER_EVENT = 100
"""The most hits of one event."""
Lesson = tuple[MailEvent, dict[str, Near], bool]
"""An event that may teach the memory, its addresses at watched domains and near them, and whether it is inbound."""
_recipients = attrgetter("recipients")
Read = TypeVar("Read")


@dataclass
class LookupCounts:
    """The number of recipients looked up, of those whose domain wasn't in the cache, of those whose domain is no domain
    name, and of mistaken domains for which there is no hit, since their event has too many; the seconds taken to score
    each domain that wasn't in the cache, those of senders too."""

    recipients: int = 0
    not_cached: int = 0
    not_domains: int = 0
    domains_over_limit: int = 0
    score_seconds: list[float] = field(default_factory=list)


class Typo(NamedTuple):
    """The verdict on a mistaken domain of an event, and what the memory recalled of it; None where it wasn't asked."""

    verdict: Verdict
    memory: Remembered | None


class Detector:
    """Finds mistaken domains among the recipients of mail events.

    `monotonic` returns seconds; it times each scoring. `use` replaces the scorer between two events. A `memory` learns
    from each event, and raises or lowers scores by what was known before the event's day: those of typos not below
    `lowest_of_memory`, by default the scorer's threshold. Events dated ahead of `now_ms` teach nothing: history may
    have them, and no bound and no age would ever drop what they taught. Without `learns` nothing teaches the memory.
    """

    def __init__(
        self,
        scorer: Scorer,
        privacy: Privacy,
        monotonic: Callable[[], float],
        memory: Memory | None = None,
        *,
        lowest_of_memory: float | None = None,
        now_ms: Callable[[], int] | None = None,
        learns: bool = True,
    ) -> None:
        self._privacy, self._monotonic, self.memory = privacy, monotonic, memory
        self._learns = learns
        self._lowest_of_memory, self._now_ms = lowest_of_memory, now_ms
        self._near: dict[str, Near] = {}
        self._lessons: list[Lesson] = []
        self._first_lesson_day = 0
        self._changed: list[PackedRecord] = []
        self.doubted = False
        """Whether the last event has an address at a domain near a watched one, so that it may be a slip or teach."""
        self._counts = LookupCounts()
        self.spent_s = 0.0
        """Seconds spent on scoring, and within `timed`, since a caller last set this to 0."""
        self._need_look: list[bool] = []
        """What `need_look` returned last: another scorer may know better of the events that are left."""
        self.not_domains = 0
        """Recipients since the last `take_counts` whose domain is no domain name."""
        self.use(scorer)

    def use(self, scorer: Scorer) -> None:
        """Score with this scorer from now on, starting with an empty cache."""
        self._scorer, self._cache = scorer, VerdictCache(scorer.settings.cache_size)
        self._need_look[:] = [True] * len(self._need_look)

    @property
    def watchlist(self) -> Watchlist:
        return self._scorer.watchlist

    def typos(self, event: MailEvent) -> dict[str, Typo]:
        """The mistaken domains among the recipients, by `domain_of` the recipient; mostly empty."""
        possible = self._possible_typos(event, event.recipients)
        self.doubted = possible is not None
        if self._near:
            self._add_lesson(event, inbound=False)
        return {} if possible is None else self._typos_in_context(event, possible)

    def need_look(self, group: DecodedGroup) -> Iterable[bool]:
        """Of each event of a group, whether it has to be passed to `typos`: False where every recipient's domain is
        known to be no typo, and teaches nothing. A look at all of them together costs a third of one at each.

        All True where its addresses aren't known to be plain, and where it has so many recipients that a look at all of
        them would take long. `use` makes those true that weren't consumed yet.
        """
        if group.plain is None:
            return repeat(True)
        events, domains = group.plain.events, group.plain.recipient_domains
        if len(domains) > SLICE_RECIPIENTS * len(events):
            return repeat(True)
        entries = list(map(self._cache.young.get, domains, repeat(NotCached)))
        self._need_look = [False] * len(events)
        if entries.count(None) < len(entries):
            ends = list(accumulate(map(len, map(_recipients, events))))
            for at, entry in enumerate(entries):
                if entry is not None:
                    self._need_look[bisect_right(ends, at)] = True
        return self._need_look

    def timed(self, events: Iterable[Read]) -> Iterator[Read]:
        """What is decoded as it is taken, of which the time counts as spent."""
        begin = self._monotonic()
        for event in events:
            self.spent_s += self._monotonic() - begin
            yield event
            begin = self._monotonic()

    def count_clear(self, recipients: int) -> None:
        """Count recipients as looked up, of events that weren't passed to `typos`."""
        self._counts.recipients += recipients

    def typos_in_slices(self, event: MailEvent) -> Generator[None, None, dict[str, Typo]]:
        """As `typos`, for an event with many recipients: yields between slices of them."""
        possible: dict[str, Verdict] = {}
        for start in range(0, len(event.recipients), SLICE_RECIPIENTS):
            possible |= self._possible_typos(event, event.recipients[start : start + SLICE_RECIPIENTS]) or {}
            self.spent_s = 0.0
            yield
        self.doubted = bool(possible)
        if self._near:
            self._add_lesson(event, inbound=False)
        return self._typos_in_context(event, possible) if possible else {}

    def add_received(self, event: MailEvent) -> None:
        """Let `learn` learn from inbound mail, if there is a memory; `doubted` says whether its sender's domain is near
        a watched one."""
        self.doubted = False
        if self.memory is not None:
            counts, not_domains = self._counts, self.not_domains
            recipients, not_cached = counts.recipients, counts.not_cached
            self.doubted = self._possible_typos(event, [event.sender]) is not None
            counts.recipients, counts.not_cached, self.not_domains = recipients, not_cached, not_domains  # it is none
            if self._near:
                self._add_lesson(event, inbound=True)

    def _add_lesson(self, event: MailEvent, *, inbound: bool) -> None:
        near, self._near = self._near, {}
        if not self._learns or self.memory is None or not self.memory.may_learn(event):
            return
        if self._now_ms is not None and event.time_ms > self._now_ms() + AHEAD_ALLOWED_MS:
            return
        day = event.time_ms // DAY_MS
        self._first_lesson_day = min(day, self._first_lesson_day) if self._lessons else day
        self._lessons.append((event, near, inbound))

    def learn(self) -> Iterator[list[PackedRecord]]:
        """Learn from the events since the last call: yields what each has changed.

        Some hundred events in one go find the code in the processor's caches; one at a time takes three times as long.
        """
        changed, self._changed = self._changed, []
        if changed:
            yield changed
        lessons, self._lessons = self._lessons, []
        if self.memory is not None:
            for event, near, inbound in lessons:
                yield self.memory.learn(event, near, inbound=inbound)

    def _possible_typos(self, event: MailEvent, recipients: Sequence[str]) -> dict[str, Verdict] | None:
        """The verdicts on domains that may be typos, by `domain_of` the recipient; adds what may teach to `_near`."""
        get = self._cache.young.get
        possible: dict[str, Verdict] | None = None
        for address in recipients:
            text = address[address.rfind("@") + 1 :]
            entry = get(text, NotCached)
            if entry is NotCached:
                entry = self._look_up(text)
            if entry is None:
                continue
            if entry is NotADomain:
                self.not_domains += 1
                continue
            if isinstance(entry, Near):
                self._near[address] = entry
                continue
            verdict: Verdict = entry  # type: ignore[assignment]  # all else is ruled out
            if possible is None:
                possible = {}
            possible[domain_of(address)] = verdict
            if self.memory is not None:
                self._near[address] = Near(verdict.domain, verdict.intended or "")
        self._counts.recipients += len(recipients)
        return possible

    def _look_up(self, text: str) -> Entry:
        """The entry of a domain that is not in the young half of the cache."""
        entry = self._cache.promote(text)
        return self._score(text) if entry is NotCached else entry  # type: ignore[return-value]  # an Entry

    def hits(self, event: MailEvent, typos: dict[str, Typo], place: Place | None = None) -> list[TypoHit]:
        """The hits of an event for which `typos` returned these: those of the surest DOMAINS_PER_EVENT.

        `place` is where the event was read from.
        """
        over_limit = max(0, len(typos) - DOMAINS_PER_EVENT)
        domains: Iterable[str] = typos
        if over_limit:
            self._counts.domains_over_limit += over_limit
            domains = sorted(typos, key=lambda domain: (-typos[domain].verdict.score, domain))[:DOMAINS_PER_EVENT]
        mistakes = {domain: self._mistaken_domain(typos[domain]) for domain in domains}
        return hits_of(event, mistakes, self._privacy, domains_over_limit=over_limit, place=place)

    def _score(self, text: str) -> Entry:
        """Score a domain and cache the verdict; None where it can't be a typo in the context of any mail."""
        begin = self._monotonic()
        entry: Entry
        try:
            entry = self._scorer.possible_typo(text, with_memory=self.memory is not None)
            if entry is None and self.memory is not None and self.watchlist.is_watched(domain := canonical(text)):
                entry = Near(domain, domain)
        except MalformedDomain:
            entry = NotADomain
        self._cache.put(text, entry)
        took_s = self._monotonic() - begin
        self._counts.not_cached += 1
        self._counts.score_seconds.append(took_s)
        self.spent_s += took_s
        return entry

    def _typos_in_context(self, event: MailEvent, possible: dict[str, Verdict]) -> dict[str, Typo]:
        recipients = _local_parts(event)
        sender_domain = domain_of(event.sender)
        score_in_context = self._scorer.score_in_context
        found = {}
        remembers = len(possible) <= DOMAINS_PER_EVENT  # a mail to more is no slip, and would ask the memory at length
        for domain, verdict in possible.items():
            in_context = score_in_context(verdict, sender_domain=sender_domain, recipients=recipients)
            recalled = self._recall(event, verdict, recipients[domain]) if remembers else None
            if recalled is not None:
                in_context = self._judge(event, in_context, recalled)
            if in_context.typo:
                found[domain] = Typo(in_context, None if recalled is None else recalled.facts)
        return found

    def _recall(self, event: MailEvent, verdict: Verdict, local_parts: set[str]) -> Recalled | None:
        if self.memory is None:
            return None
        if self._lessons and self._first_lesson_day < event.time_ms // DAY_MS:
            self._changed = [record for changed in self.learn() for record in changed]
        return recall(self.memory, event, verdict, local_parts)

    def _judge(self, event: MailEvent, verdict: Verdict, recalled: Recalled) -> Verdict:
        group = self.watchlist.group_of(verdict.intended or "")
        has_floor = group is not None and self.watchlist.groups[group].severity is not None
        settings = self._scorer.settings
        lowest = settings.typo if self._lowest_of_memory is None else self._lowest_of_memory
        judged = weigh_memory(verdict, recalled, settings, lowest=None if has_floor else lowest)
        if not judged.typo:
            return judged
        clauses = [verdict.explanation, *words(verdict, recalled, event.sender, self._privacy)]
        return judged._replace(explanation="; ".join(clauses))

    def _mistaken_domain(self, typo: Typo) -> MistakenDomain:
        verdict = typo.verdict
        intended = verdict.intended or ""
        group = self.watchlist.group_of(intended)
        return MistakenDomain(
            domain=verdict.domain,
            intended=intended,
            slip=verdict.slip or "unknown",
            explanation=verdict.explanation,
            score=verdict.score,
            certain=verdict.certain,
            listed=self.watchlist.is_listed(verdict.domain),
            groups=(group,) if group else (),
            memory=typo.memory,
        )

    def take_counts(self) -> LookupCounts:
        """The counts since the last call."""
        counts, self._counts = self._counts, LookupCounts()
        counts.not_domains, self.not_domains = self.not_domains, 0
        return counts


def _local_parts(event: MailEvent) -> dict[str, set[str]]:
    """The recipients' local parts by `domain_of` a recipient."""
    recipients: dict[str, set[str]] = defaultdict(set)
    for address in event.recipients:
        local = normalise_address(address).rpartition("@")[0]
        recipients[domain_of(address)].add(local.strip())
    return recipients
