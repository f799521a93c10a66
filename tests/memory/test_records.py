from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import UnreadableRecord
from streams.memory.facts import CorrespondentFacts, PersonFacts
from streams.memory.first_seen import seen
from streams.memory.records import (
    BarredFacts,
    MemoryKind,
    MemoryRecord,
    PackedRecord,
    decode,
    encode,
    encode_packed,
    pack,
    person_with_mail,
    unpack_person,
)
from tests.memory.facts import DAY, correspondents, one_day_person, persons

TODAY = DAY + 900
KEY_ID = b"\1\2\3\4"
PERSON = MemoryRecord(MemoryKind.PERSON, 5, PersonFacts(DAY, DAY, 1))
entries = st.one_of(
    st.builds(MemoryRecord, st.just(MemoryKind.PERSON), st.integers(0, 2**64 - 1), persons),
    st.builds(MemoryRecord, st.just(MemoryKind.CORRESPONDENT), st.integers(0, 2**64 - 1), correspondents),
    st.builds(
        MemoryRecord, st.just(MemoryKind.BARRED), st.integers(0, 2**64 - 1), st.builds(BarredFacts, st.just(DAY))
    ),
    st.builds(MemoryRecord, st.sampled_from(MemoryKind), st.integers(0, 2**64 - 1), st.none()),
)


@given(entries, st.integers(0, 2**31 - 1))
def test_a_record_is_read_as_it_was_written(record: MemoryRecord, partition: int) -> None:
    assert decode(*encode(record, partition, KEY_ID), today=TODAY) == (record, partition, KEY_ID)


@given(persons | correspondents, st.integers(0, 2**31 - 1))
def test_a_packed_record_is_written_as_one_with_its_facts(
    facts: PersonFacts | CorrespondentFacts, partition: int
) -> None:
    kind = MemoryKind.PERSON if isinstance(facts, PersonFacts) else MemoryKind.CORRESPONDENT
    packed = PackedRecord(kind, 5, pack(facts))
    assert packed.record == MemoryRecord(kind, 5, facts)
    assert encode_packed(packed, partition, KEY_ID) == encode(packed.record, partition, KEY_ID)


@given(persons | st.none(), one_day_person)
def test_mail_changes_a_row_as_its_facts_are_joined(known: PersonFacts | None, mail: PersonFacts) -> None:
    row = person_with_mail(None if known is None else pack(known), mail.last, mail.writers)
    assert unpack_person(row) == (mail if known is None else known.joined(mail))


@given(persons, st.integers(0, 2), st.integers(0, 9))
def test_mail_of_the_last_days_changes_a_row_as_its_facts_are_joined(known: PersonFacts, later: int, tag: int) -> None:
    mail = PersonFacts(known.last + later, known.last + later, 1, seen(known.last + later, tag) if tag else ())
    assert unpack_person(person_with_mail(pack(known), mail.last, mail.writers)) == known.joined(mail)


@given(st.binary(max_size=40) | st.none(), st.binary(max_size=160) | st.none())
def test_any_bytes_are_read_or_refused(key: bytes | None, value: bytes | None) -> None:
    with suppress(UnreadableRecord):
        decode(key, value, today=TODAY)


@given(entries.filter(lambda record: record.facts is not None), st.data())
def test_a_damaged_record_is_within_bounds_or_refused(record: MemoryRecord, data: st.DataObject) -> None:
    key, value = encode(record, 1, KEY_ID)
    assert value is not None
    at = data.draw(st.integers(0, len(value) - 1))
    damaged = value[:at] + data.draw(st.binary(min_size=1, max_size=1)) + value[at + 1 :]
    try:
        facts = decode(key, damaged, today=TODAY).record.facts
    except UnreadableRecord:
        return
    assert isinstance(facts, PersonFacts | CorrespondentFacts | BarredFacts)
    last = facts.day if isinstance(facts, BarredFacts) else facts.last
    assert last <= TODAY + 1


def refused(record: MemoryRecord, today: int = TODAY) -> str:
    with pytest.raises(UnreadableRecord) as error:
        decode(*encode(record, 1, KEY_ID), today=today)
    return error.value.detail


@pytest.mark.parametrize(
    "facts",
    [
        PersonFacts(DAY + 1, DAY, 1),
        PersonFacts(DAY, DAY, 3),
        PersonFacts(DAY, DAY + 1, 2),
        PersonFacts(DAY, DAY, 1, seen(DAY + 1, 4)),
        PersonFacts(DAY, DAY, 1, seen(DAY, 4) + seen(DAY, 4)),
        PersonFacts(DAY, DAY, 1, seen(DAY, 4) + seen(DAY, 3)),
        PersonFacts(1, 1, 1),
    ],
)
def test_contradictory_facts_of_a_person_are_refused(facts: PersonFacts) -> None:
    assert "contradict" in refused(MemoryRecord(MemoryKind.PERSON, 5, facts))


@pytest.mark.parametrize(
    "facts",
    [
        CorrespondentFacts(DAY),
        CorrespondentFacts(DAY, 2, 4),
        CorrespondentFacts(DAY, 1, 0, seen(DAY + 1, 4)),
        CorrespondentFacts(7_400, 1 << 399 | 1),
    ],
)
def test_contradictory_facts_of_a_correspondent_are_refused(facts: CorrespondentFacts) -> None:
    assert "contradict" in refused(MemoryRecord(MemoryKind.CORRESPONDENT, 5, facts))


@given(persons | correspondents, st.integers(0, 900))
def test_days_of_the_future_are_left_out(facts: PersonFacts | CorrespondentFacts, days: int) -> None:
    """What is left is what was known by tomorrow, and may be written again."""
    kind, today = MemoryKind.PERSON if isinstance(facts, PersonFacts) else MemoryKind.CORRESPONDENT, DAY + days
    known = facts.before(today + 2)
    if known is None:
        assert "future" in refused(MemoryRecord(kind, 5, facts), today)
        return
    left = decode(*encode(MemoryRecord(kind, 5, facts), 1, KEY_ID), today=today).record
    assert isinstance(left.facts, PersonFacts | CorrespondentFacts)
    assert left.facts.last <= today + 1
    assert left.facts.first == known.first
    assert decode(*encode(left, 1, KEY_ID), today=today).record == left


def test_a_fact_of_the_future_is_refused() -> None:
    assert "future" in refused(PERSON, today=DAY - 2)
    assert decode(*encode(PERSON, 1, KEY_ID), today=DAY - 1).record == PERSON


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        (None, b"", "key"),
        (b"123", b"", "key"),
        (b"12345678" + b"q" + b"\0\0\0\1" + KEY_ID, b"", "kind"),
        (b"12345678" + b"p" + b"\xff\0\0\1" + KEY_ID, b"", "partition"),
        (b"12345678" + b"p" + b"\0\0\0\1" + KEY_ID, b"", "version"),
        (b"12345678" + b"p" + b"\0\0\0\1" + KEY_ID, b"\2", "version"),
        (b"12345678" + b"p" + b"\0\0\0\1" + KEY_ID, b"\1" + b"23", "length"),
    ],
)
def test_what_is_no_record_is_refused(key: bytes | None, value: bytes, why: str) -> None:
    with pytest.raises(UnreadableRecord, match=why):
        decode(key, value, today=TODAY)
