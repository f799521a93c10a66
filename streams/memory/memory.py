"""The memory of one process: persons and correspondents, as all source partitions have taught them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from streams.events.addresses import normalise_address
from streams.events.mail import MailEvent
from streams.memory.facts import DAYS_KEPT, CorrespondentFacts, PersonFacts
from streams.memory.first_seen import has_tag, seen
from streams.memory.lessons import LearningPolicy, Near, is_person, teaches_persons, teaching_recipients
from streams.memory.mail_days import MailDays, Reach
from streams.memory.memory_digests import MemoryDigests
from streams.memory.recently_taught import RecentlyTaught
from streams.memory.records import (
    CORRESPONDENT_BYTES,
    CORRESPONDENT_SENDER_AT,
    PERSON_BYTES,
    PERSON_WRITER_AT,
    BarredFacts,
    Facts,
    MemoryKind,
    MemoryRecord,
    pack,
    unpack_correspondent,
    unpack_person,
)
from streams.memory.row_table import RowTable

DAY_MS = 86_400_000
TAUGHT_BY_EVENT = 100
"""The most addresses that one event teaches: each takes some 10 us, and an event may have thousands."""
FREED = 64
"""A full table drops one entry in so many at once."""
MOST_PERSONS = 2_000_000
MOST_CORRESPONDENTS = 100_000
Learned = PersonFacts | CorrespondentFacts


@dataclass(frozen=True, slots=True)
class MemoryBounds:
    """The most persons and correspondents; with the defaults they take at most 120 MB."""

    persons: int = MOST_PERSONS
    correspondents: int = MOST_CORRESPONDENTS


class Merged(NamedTuple):
    """What a record did: whether the memory changed, and whether the record lacks something that the memory has."""

    changed: bool
    lacks: bool


class Memory:
    """Persons and correspondents; see the package's docstring. Not safe for use by several threads."""

    def __init__(self, digests: MemoryDigests, policy: LearningPolicy, bounds: MemoryBounds | None = None) -> None:
        bounds = bounds or MemoryBounds()
        self.digests, self._policy = digests, policy
        self._persons = RowTable(bounds.persons, PERSON_BYTES, day_at=2, proof_at=PERSON_WRITER_AT)
        self._correspondents = RowTable(
            bounds.correspondents, CORRESPONDENT_BYTES, day_at=0, proof_at=CORRESPONDENT_SENDER_AT
        )
        self._barred: set[int] = set()
        self.taught = RecentlyTaught()
        """What mail has taught lately: `learn` has nothing to learn from it."""
        self.mail_days = MailDays()
        self._all_domains = digests.domain("")
        self._persons_since: int | None = None
        self.evicted = 0
        """Entries dropped since the start, because a bound was reached."""

    @property
    def persons(self) -> int:
        """The number of persons."""
        return len(self._persons)

    @property
    def correspondents(self) -> int:
        """The number of correspondents."""
        return len(self._correspondents)

    def reach(self, day: int) -> Reach:
        """How many days the memory reaches back from this one, without a gap, in mail out and in."""
        return self.mail_days.reach(day)

    def has_persons_before(self, day: int) -> bool:
        """Whether anybody was known before a day."""
        return self._persons_since is not None and self._persons_since < day

    def learn(self, event: MailEvent, near: Mapping[str, Near], *, inbound: bool) -> list[MemoryRecord]:
        """Learn from an event; returns the entries that changed.

        `near` has the recipients of own mail, or the sender of inbound mail, as the event has them, whose domains are
        watched or near a watched one. The caller knows that the event is own mail, or comes from elsewhere to own
        recipients.
        """
        day = event.time_ms // DAY_MS
        new = [address for address in near if (day, inbound, event.sender, address) not in self.taught]
        if not new:
            return []
        taught = set(teaching_recipients(event, self._policy))
        learned: list[MemoryRecord] = []
        for address in new[:TAUGHT_BY_EVENT]:
            if address in taught or (inbound and taught):
                self.taught.add((day, inbound, event.sender, address))
                record = self._learn_address(event, day, address, near[address], inbound=inbound)
                learned += [record] if record is not None else []
                if self.mail_days.add(day, inbound=inbound):
                    learned.append(self.days_record(self.mail_days.facts))
        return learned

    def merge(self, record: MemoryRecord) -> Merged:
        """Take an entry that another memory wrote, or erase one by its tombstone."""
        digest, facts = record.digest, record.facts
        if digest == self._all_domains:
            return self._merge_days(facts)
        if facts is None:
            if record.kind is MemoryKind.BARRED:
                was_barred = digest in self._barred
                self._barred.discard(digest)
                return Merged(was_barred, lacks=False)
            return Merged(self._table(record.kind).remove(digest), lacks=False)
        if isinstance(facts, BarredFacts):
            is_new = digest not in self._barred
            self.forget(record.kind, digest, facts.day)
            return Merged(is_new, lacks=False)
        if digest in self._barred or (record.kind is MemoryKind.PERSON and not self._policy.persons):
            return Merged(changed=False, lacks=False)
        joined, changed = self._join(digest, facts)
        return Merged(changed, lacks=joined != facts)

    def person(self, local: str, domain: str, day: int) -> PersonFacts | None:
        """What was known before a day of the person with this local part at a canonical domain; None for role names."""
        local = local.strip().lower()
        row = self._persons.get(self.digests.person(local, domain)) if self.persons and is_person(local) else None
        return None if row is None else unpack_person(row).before(day)

    def has_written(self, sender: str, person: PersonFacts) -> bool:
        """Whether this sender is among the first of ours who wrote to the person."""
        return bool(person.writers) and has_tag(person.writers, self.digests.tag(sender))

    def correspondent(self, domain: str, day: int) -> CorrespondentFacts | None:
        """What was known before a day of a canonical domain near a watched one; None without mail before it."""
        row = self._correspondents.get(self.digests.domain(domain)) if self.correspondents else None
        return None if row is None else unpack_correspondent(row).before(day)

    def forget(self, kind: MemoryKind, digest: int, day: int) -> MemoryRecord:
        """Erase an entry and bar its digest from this day on; returns the record that does so everywhere."""
        self._barred.add(digest)
        for table in (self._persons, self._correspondents):
            table.remove(digest)
        return MemoryRecord(MemoryKind.BARRED, digest, BarredFacts(day))

    def is_barred(self, digest: int) -> bool:
        """Whether a digest was forgotten, so that it isn't remembered again."""
        return digest in self._barred

    def entry(self, kind: MemoryKind, digest: int) -> MemoryRecord | None:
        """A person or correspondent as this memory has it now, mail of today included; None where it has none."""
        if digest == self._all_domains:
            return self.days_record(self.mail_days.facts)
        row = self._table(kind).get(digest)
        if row is None:
            return None
        return MemoryRecord(
            kind, digest, unpack_person(row) if kind is MemoryKind.PERSON else unpack_correspondent(row)
        )

    def age(self, day: int) -> int:
        """Drop the entries whose last mail was more than DAYS_KEPT days before this day; returns how many."""
        dropped = 0
        for table in (self._persons, self._correspondents):
            for digest in table.before(day - DAYS_KEPT):
                dropped += table.remove(digest)
        return dropped

    def _merge_days(self, facts: Facts | None) -> Merged:
        """Take the days with mail that another memory knows: the entry of all domains."""
        if not isinstance(facts, CorrespondentFacts):
            return Merged(changed=False, lacks=False)
        changed = self.mail_days.join(facts)
        return Merged(changed, lacks=self.mail_days.facts != facts)

    def days_record(self, facts: CorrespondentFacts | None) -> MemoryRecord:
        """The record of days with mail, under the digest of all domains together."""
        return MemoryRecord(MemoryKind.CORRESPONDENT, self._all_domains, facts)

    def _learn_address(
        self, event: MailEvent, day: int, address: str, near: Near, *, inbound: bool
    ) -> MemoryRecord | None:
        local = normalise_address(address).rpartition("@")[0]
        shows_person = self._policy.persons and is_person(local) and teaches_persons(event)
        sender = () if inbound else seen(day, self.digests.tag(event.sender))
        if near.domain == near.intended:
            if not shows_person:
                return None
            return self._learn(self.digests.person(local, near.domain), PersonFacts(day, day, 1, sender))
        person = seen(day, self.digests.tag(address)) if shows_person else ()
        facts = CorrespondentFacts(
            day,
            days_out=int(not inbound),
            days_in=int(inbound),
            senders=sender,
            persons=person,
            shared=person if person and self._is_known(local, near.intended, day) else (),
        )
        return self._learn(self.digests.domain(near.domain), facts)

    def _is_known(self, local: str, domain: str, day: int) -> bool:
        known = self.person(local, domain, day)
        return known is not None and bool(known.writers)

    def _learn(self, digest: int, facts: Learned) -> MemoryRecord | None:
        if digest in self._barred:
            return None
        joined, changed = self._join(digest, facts)
        return MemoryRecord(_kind_of(facts), digest, joined) if changed else None

    def _join(self, digest: int, facts: Learned) -> tuple[Learned, bool]:
        """Join facts with those of an entry; returns the entry, and whether it changed."""
        if isinstance(facts, PersonFacts) and (self._persons_since is None or facts.first < self._persons_since):
            self._persons_since = facts.first
        table = self._table(_kind_of(facts))
        row = table.get(digest)
        if row is None:
            if len(table) >= table.bound:
                self._make_room(table)
            table.put(digest, pack(facts))
            return facts, True
        joined: Learned
        if isinstance(facts, PersonFacts):
            joined = unpack_person(row).joined(facts)
        else:
            joined = unpack_correspondent(row).joined(facts)
        packed = pack(joined)
        if packed == row:
            return joined, False
        table.put(digest, packed)
        return joined, True

    def _make_room(self, table: RowTable) -> None:
        """Drop entries: first those that strangers alone have written, who may invent as many as they like."""
        for digest in table.first_to_go(max(1, table.bound // FREED)):
            self.evicted += table.remove(digest)

    def _table(self, kind: MemoryKind) -> RowTable:
        return self._persons if kind is MemoryKind.PERSON else self._correspondents


def _kind_of(facts: Learned) -> MemoryKind:
    return MemoryKind.PERSON if isinstance(facts, PersonFacts) else MemoryKind.CORRESPONDENT
