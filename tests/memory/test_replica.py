"""Memories that share a topic: here a list of records, which each reads from the start."""

from __future__ import annotations

from collections.abc import Collection
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.memory.facts import PersonFacts
from streams.memory.lessons import LearningPolicy, Near
from streams.memory.memory import DAY_MS, Memory, MemoryBounds
from streams.memory.memory_digests import MemoryDigests
from streams.memory.records import BarredFacts, MemoryKind, MemoryRecord, PackedRecord, decode, encode
from streams.memory.replica import BY_COMMANDS, RENEWED_AFTER_MS, UNREAD_KEPT, KeyedValue, Replica
from tests.memory.events import mail
from tests.memory.facts import DAY, persons

DIGESTS = MemoryDigests(b"secret")
ROSS, SMITH = "m.ross@corp.example", "j.smith@army.mil"
PERSON = DIGESTS.person("j.smith", "army.mil")
TODAY = DAY + 1_000
NEAR = {SMITH: Near("army.mil", "army.mil")}


def new_replica(key: bytes = b"secret") -> Replica:
    return Replica(Memory(MemoryDigests(key), LearningPolicy(), MemoryBounds(1_000, 100)))


def learned(replica: Replica, *, day: int, sender: str = ROSS) -> list[PackedRecord]:
    """What mail of a day teaches about the person, without the days with mail."""
    changed = replica.memory.learn(mail(sender, SMITH, day=day), NEAR, inbound=False)
    return [record for record in changed if record.kind is MemoryKind.PERSON]


def learn(replica: Replica, *, day: int, partition: int = 0, sender: str = ROSS) -> list[KeyedValue]:
    return list(replica.written(learned(replica, day=day, sender=sender), partition))


def take(
    replica: Replica, *records: KeyedValue, assigned: Collection[int] = (), written_ms: int = 0
) -> list[KeyedValue]:
    """What a replica writes in return for records that it reads."""
    return [
        back for key, value in records for back in replica.take(key, value, written_ms, today=TODAY, assigned=assigned)
    ]


def person(replica: Replica) -> PersonFacts | None:
    return replica.memory.person("j.smith", "army.mil", TODAY)


def bar(digest: int = PERSON) -> KeyedValue:
    return encode(MemoryRecord(MemoryKind.BARRED, digest, BarredFacts(DAY)), BY_COMMANDS, DIGESTS.key_id)


def test_one_knows_what_the_other_has_learned() -> None:
    one, other = new_replica(), new_replica()
    assert take(other, *learn(one, day=0)) == []
    assert person(other) == person(one) is not None


def test_the_days_with_mail_survive_one_that_a_wrong_clock_dated_ahead() -> None:
    """All domains share that entry, so without it no silence means anything."""
    owner, other = new_replica(), new_replica()
    ahead = TODAY - DAY + 7
    changed = [
        record
        for day in (996, 998, ahead)
        for record in owner.memory.learn(mail(ROSS, SMITH, day=day), NEAR, inbound=False)
    ]
    take(other, *owner.written(changed, 0))
    assert other.memory.reach(TODAY) == (4, 0)
    assert other.skipped == {}


def test_an_entry_that_changed_often_is_written_once_as_it_is_now() -> None:
    replica = new_replica()
    changed = [record for day in range(3) for record in learned(replica, day=day)]
    assert len(changed) == 3
    [(key, value)] = replica.written(changed, 5)
    decoded = decode(key, value, today=TODAY)
    assert (decoded.partition, decoded.key_id, decoded.record.facts) == (5, DIGESTS.key_id, person(replica))


def test_the_owner_writes_again_what_a_record_of_a_former_owner_lacks() -> None:
    former, owner = new_replica(), new_replica()
    lacking = learn(former, day=0)
    take(owner, *learn(owner, day=1))
    assert take(owner, *lacking, assigned=[7]) == []  # the partition of another
    [written] = take(owner, *lacking, assigned=[0])
    third = new_replica()
    assert take(third, written) == []
    assert person(third) == person(owner)
    assert take(owner, written, assigned=[0]) == []  # read back: nothing is missing


def test_an_own_record_read_back_is_not_outdated_by_what_was_learned_since() -> None:
    replica = new_replica()
    first, second = learn(replica, day=0), learn(replica, day=1)
    assert take(replica, *first, *second, assigned=[0]) == []
    assert take(replica, *first, assigned=[0]) != []  # once more: this one another has written


def test_own_records_that_never_come_back_are_forgotten() -> None:
    replica = new_replica()
    learn(replica, day=0)
    for number in range(UNREAD_KEPT):
        list(replica.written([PackedRecord(MemoryKind.PERSON, PERSON, b"")], number))
    assert len(replica._unread) <= UNREAD_KEPT


def test_a_bar_erases_and_whatever_was_written_just_before_gets_a_tombstone() -> None:
    replica = new_replica()
    [(key, value)] = learn(replica, day=0, partition=3)
    tombstones = dict(take(replica, bar(), assigned=[3]))
    assert tombstones[key] is None
    assert not any(tombstones.values())
    assert take(replica, bar(), assigned=[3]) == []  # known already
    assert take(replica, (key, value), assigned=[3]) == [(key, None)]  # written before, read after
    assert take(replica, (key, value), assigned=[]) == []
    assert take(replica, (key, None), assigned=[3]) == []
    assert person(replica) is None
    assert learn(replica, day=1) == []


@pytest.mark.parametrize("bar_first", [True, False])
def test_a_bar_holds_in_either_order(bar_first: bool) -> None:
    replica, records = new_replica(), [bar(), *learn(new_replica(), day=0)]
    take(replica, *(records if bar_first else records[::-1]))
    assert person(replica) is None


def test_bars_are_renewed_before_retention_deletes_them_and_not_once_they_are_lifted() -> None:
    replica, (key, value) = new_replica(), bar()
    take(replica, (key, value), written_ms=DAY_MS)
    assert list(replica.renewed(DAY_MS + RENEWED_AFTER_MS)) == []
    assert list(replica.renewed(DAY_MS + RENEWED_AFTER_MS + 1)) == [(key, value)]
    take(replica, (key, None))
    assert list(replica.renewed(DAY_MS + RENEWED_AFTER_MS + 1)) == []
    assert learn(replica, day=1) != []


def test_what_a_former_owner_wrote_of_somebody_barred_lately_gets_a_tombstone() -> None:
    replica = new_replica()
    [(key, _)] = learn(new_replica(), day=0, partition=3)
    take(replica, bar(), written_ms=DAY_MS)
    assert (key, None) in list(replica.erased(2 * DAY_MS - 1, {3}))
    assert list(replica.erased(2 * DAY_MS, {3})) == []
    assert list(replica.erased(2 * DAY_MS - 1, frozenset())) == []


def test_what_a_running_learn_writes_of_somebody_barred_gets_a_tombstone_of_one_worker() -> None:
    replica = new_replica()
    take(replica, bar())
    [late] = learn(new_replica(), day=0, partition=BY_COMMANDS)
    assert take(replica, late, assigned={0, 3}) == [(late[0], None)]
    assert take(replica, late, assigned={3}) == []
    assert person(replica) is None


@given(st.binary(max_size=40) | st.none(), st.binary(max_size=200) | st.none())
def test_rubbish_is_counted_and_stops_nothing(key: bytes | None, value: bytes | None) -> None:
    replica = new_replica()
    assert take(replica, (key, value), assigned=[0]) == []  # type: ignore[arg-type]  # Kafka allows no key
    assert sum(replica.skipped.values()) + (value is None) >= 1
    assert replica.memory.persons == replica.memory.correspondents == 0


def test_records_of_another_key_and_from_the_future_are_counted_and_not_used() -> None:
    replica, other = new_replica(), new_replica(b"another secret")
    take(replica, *learn(other, day=0))
    take(replica, *learn(new_replica(), day=1_002))
    assert replica.skipped == {"other-key": 1, "unreadable": 1}
    assert replica.memory.persons == 0


@given(st.lists(st.tuples(persons, st.integers(0, 2)), max_size=8), st.randoms())
def test_a_compacted_topic_in_any_order_restores_the_same(
    learned: list[tuple[PersonFacts, int]], random: Random
) -> None:
    """Each value is the whole entry as its writer has it, so the last of each key is enough."""
    writer, log = new_replica(), list[KeyedValue]()
    for facts, partition in learned:
        writer.memory.merge(MemoryRecord(MemoryKind.PERSON, PERSON, facts))
        entry = writer.memory.entry(MemoryKind.PERSON, PERSON)
        assert entry is not None
        log += writer.written([entry], partition)
    compacted = list(dict(log).items())
    random.shuffle(compacted)
    reader = new_replica()
    take(reader, *compacted)
    assert reader.memory.entry(MemoryKind.PERSON, PERSON) == writer.memory.entry(MemoryKind.PERSON, PERSON)
