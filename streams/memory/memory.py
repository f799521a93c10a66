"""The memory of one process: persons and correspondents, as all source partitions have taught them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from streams.events.addresses import normalise_address
from streams.events.mail import MailEvent
from streams.memory.facts import DAYS_KEPT, CorrespondentFacts, PersonFacts
from streams.memory.first_seen import FirstSeen, has_tag, seen
from streams.memory.lessons import (
    BULK_RECIPIENTS,
    LearningPolicy,
    Near,
    introduces,
    is_person,
    may_teach,
    teaching_recipients,
)
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
    PackedRecord,
    pack,
    person_with_mail,
    unpack_correspondent,
    unpack_person,
)
from streams.memory.row_table import RowTable

DAY_MS = 86_400_000
TAUGHT_BY_EVENT = 100
"""The most addresses that one event teaches: each takes some 10 us, and an event may have thousands."""
FREED = 64
"""A full table drops one entry in so many at once."""
ADDRESSES_CACHED = 20_000
"""Senders, and persons: those who write much, or are written to by many, are met many times a day."""
MOST_PERSONS = 2_000_000
MOST_CORRESPONDENTS = 100_000
Learned = PersonFacts | CorrespondentFacts


@dataclass(frozen=True, slots=True)
class MemoryBounds:
    """The most persons and correspondents; with the defaults they take at most 120 MB."""

    persons: int = MOST_PERSONS
    correspondents: int = MOST_CORRESPONDENTS


class Sender(NamedTuple):
    """Whether mail of a sender may tell who somebody is, and its tag."""

    introduces: bool
    tag: int


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
        self._person_digest = lru_cache(ADDRESSES_CACHED)(self._digest_of_person)
        self._sender = lru_cache(ADDRESSES_CACHED)(lambda sender: Sender(introduces(sender), digests.tag(sender)))
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

    def may_learn(self, event: MailEvent) -> bool:
        """False where `learn` would learn nothing from an event, whoever it is to: a cheap test before it is kept."""
        return may_teach(event, self._policy)

    def learn(self, event: MailEvent, near: Mapping[str, Near], *, inbound: bool) -> list[PackedRecord]:
        """Learn from an event; returns the entries that changed.

        `near` has the recipients of own mail, or the sender of inbound mail, as the event has them, whose domains are
        watched or near a watched one. The caller knows that the event is own mail, or comes from elsewhere to own
        recipients.
        """
        day = event.time_ms // DAY_MS
        new = self.taught.new(day, inbound, event.sender, near)
        teaching = teaching_recipients(event, self._policy) if new else ()
        if not teaching:
            return []
        all_teach = inbound or len(teaching) == len(event.recipients)
        some = frozenset(() if all_teach else teaching)
        sender = self._sender(event.sender)
        shows_persons = self._policy.persons and sender.introduces and len(event.recipients) <= BULK_RECIPIENTS
        writer = () if inbound else seen(day, sender.tag)
        learned: list[PackedRecord] = []
        for address, mark in new[:TAUGHT_BY_EVENT]:
            if all_teach or address in some:
                self.taught.add(mark)
                where = near[address]
                if where.domain == where.intended:
                    record = self._learn_person(day, address, where.domain, writer) if shows_persons else None
                else:
                    record = self._learn_correspondent(day, address, where, writer, shows_person=shows_persons)
                if record is not None:
                    learned.append(record)
                if self.mail_days.add(day, inbound=inbound) and (days := self._packed_days()) is not None:
                    learned.append(days)
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
        packed = pack(facts)
        joined, changed = self._join(record.kind, digest, facts, packed)
        return Merged(changed, lacks=joined != packed)

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

    def entry(self, kind: MemoryKind, digest: int) -> PackedRecord | None:
        """A person or correspondent as this memory has it now, mail of today included; None where it has none."""
        if digest == self._all_domains:
            return self._packed_days()
        row = self._table(kind).get(digest)
        return None if row is None else PackedRecord(kind, digest, row)

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

    def days_record(self, facts: CorrespondentFacts) -> MemoryRecord:
        """The record of days with mail, under the digest of all domains together."""
        return MemoryRecord(MemoryKind.CORRESPONDENT, self._all_domains, facts)

    def _packed_days(self) -> PackedRecord | None:
        facts = self.mail_days.facts
        return None if facts is None else PackedRecord(MemoryKind.CORRESPONDENT, self._all_domains, pack(facts))

    def _learn_person(self, day: int, address: str, domain: str, writer: FirstSeen) -> PackedRecord | None:
        digest = self._person_digest(address, domain)
        if digest is None or digest in self._barred:
            return None
        self._remember_persons_since(day)
        row = self._persons.get(digest)
        updated = person_with_mail(row, day, writer)
        if updated == row:
            return None
        self._put(self._persons, digest, updated, is_new=row is None)
        return PackedRecord(MemoryKind.PERSON, digest, updated)

    def _learn_correspondent(
        self, day: int, address: str, near: Near, writer: FirstSeen, *, shows_person: bool
    ) -> PackedRecord | None:
        """`writer` is empty for inbound mail."""
        digest, local = self.digests.domain(near.domain), normalise_address(address).rpartition("@")[0]
        if digest in self._barred:
            return None
        person = seen(day, self.digests.tag(address)) if shows_person and is_person(local) else ()
        facts = CorrespondentFacts(
            day,
            days_out=int(bool(writer)),
            days_in=int(not writer),
            senders=writer,
            persons=person,
            shared=person if person and self._is_known(local, near.intended, day) else (),
        )
        row, changed = self._join(MemoryKind.CORRESPONDENT, digest, facts, pack(facts))
        return PackedRecord(MemoryKind.CORRESPONDENT, digest, row) if changed else None

    def _is_known(self, local: str, domain: str, day: int) -> bool:
        known = self.person(local, domain, day)
        return known is not None and bool(known.writers)

    def _digest_of_person(self, address: str, domain: str) -> int | None:
        """The digest of the person with an address at a canonical domain; None where it is no person's."""
        local = normalise_address(address).rpartition("@")[0]
        return self.digests.person(local, domain) if is_person(local) else None

    def _join(self, kind: MemoryKind, digest: int, facts: Learned, packed: bytes) -> tuple[bytes, bool]:
        """Join facts with those of an entry; returns the row of the entry, and whether it changed."""
        if kind is MemoryKind.PERSON:
            self._remember_persons_since(facts.first)
        table = self._table(kind)
        row = table.get(digest)
        if row is None:
            joined = packed
        elif isinstance(facts, PersonFacts):
            joined = pack(unpack_person(row).joined(facts))
        else:
            joined = pack(unpack_correspondent(row).joined(facts))
        if joined == row:
            return joined, False
        self._put(table, digest, joined, is_new=row is None)
        return joined, True

    def _remember_persons_since(self, day: int) -> None:
        if self._persons_since is None or day < self._persons_since:
            self._persons_since = day

    def _put(self, table: RowTable, digest: int, row: bytes, *, is_new: bool) -> None:
        if is_new and len(table) >= table.bound:
            self._make_room(table)
        table.put(digest, row)

    def _make_room(self, table: RowTable) -> None:
        """Drop entries: first those that strangers alone have written, who may invent as many as they like."""
        for digest in table.first_to_go(max(1, table.bound // FREED)):
            self.evicted += table.remove(digest)

    def _table(self, kind: MemoryKind) -> RowTable:
        return self._persons if kind is MemoryKind.PERSON else self._correspondents
