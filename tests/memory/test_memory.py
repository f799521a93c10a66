from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.events.mail import MailEvent
from streams.memory.facts import DAYS_KEPT, PersonFacts
from streams.memory.lessons import LearningPolicy, Near
from streams.memory.memory import Memory, MemoryBounds, Merged
from streams.memory.memory_digests import MemoryDigests
from streams.memory.records import MemoryKind, MemoryRecord, PackedRecord
from tests.memory.events import mail
from tests.memory.facts import DAY

DIGESTS = MemoryDigests(b"secret")
DAYS_DIGEST = DIGESTS.domain("")
ROSS, LEE = "m.ross@corp.example", "lee@corp.example"
WATCHED, DOUBTED = Near("army.mil", "army.mil"), Near("army.ml", "army.mil")


def new_memory(*, persons: bool = True, bounds: MemoryBounds | None = None) -> Memory:
    return Memory(DIGESTS, LearningPolicy(persons), bounds or MemoryBounds(1_000, 100))


def sent(memory: Memory, event: MailEvent) -> list[MemoryRecord]:
    """Learn from own mail to army.mil and army.ml; returns the persons and domains that changed."""
    near = {to: WATCHED if to.lower().endswith("mil") else DOUBTED for to in event.recipients}
    return without_days(memory.learn(event, near, inbound=False))


def received(memory: Memory, event: MailEvent) -> list[MemoryRecord]:
    near = WATCHED if event.sender.endswith("mil") else DOUBTED
    return without_days(memory.learn(event, {event.sender: near}, inbound=True))


def without_days(learned: list[PackedRecord]) -> list[MemoryRecord]:
    return [packed.record for packed in learned if packed.digest != DAYS_DIGEST]


def test_who_is_written_to_is_known_from_the_next_day() -> None:
    memory = new_memory()
    [record] = sent(memory, mail(ROSS, "J.Smith+x@army.mil", day=3))
    assert record.kind is MemoryKind.PERSON
    assert memory.person("j.smith", "army.mil", DAY + 3) is None
    person = memory.person("J.SMITH", "army.mil", DAY + 4)
    assert person is not None
    assert (person.first, person.days.bit_count()) == (DAY + 3, 1)
    assert memory.has_written("M.Ross@corp.example", person)
    assert not memory.has_written(LEE, person)
    assert memory.person("j.smith", "navy.mil", DAY + 4) is None


def test_who_writes_in_is_known_without_a_sender_of_ours() -> None:
    memory = new_memory()
    assert len(received(memory, mail("j.smith@army.mil", ROSS))) == 1
    person = memory.person("j.smith", "army.mil", DAY + 1)
    assert person is not None
    assert not memory.has_written(ROSS, person)


def test_an_entry_changes_once_a_day_and_sender() -> None:
    memory = new_memory()
    event = mail(ROSS, "j.smith@army.mil")
    assert len(sent(memory, event)) == 1
    assert sent(memory, event) == []
    assert len(sent(memory, mail(LEE, "j.smith@army.mil"))) == 1
    assert len(sent(memory, mail(ROSS, "j.smith@army.mil", day=1))) == 1
    assert memory.persons == 1


def test_mail_that_was_not_delivered_teaches_nothing_until_it_is() -> None:
    memory = new_memory()
    for delivery in ("failed", "rejected", "deferred", None, {"j.smith@army.mil": "held"}):
        assert sent(memory, mail(ROSS, "j.smith@army.mil", delivery=delivery)) == []
    assert len(sent(memory, mail(ROSS, "j.smith@army.mil"))) == 1


@pytest.mark.parametrize("to", ["info@army.mil", "sales-emea@army.mil", "x@army.mil"])
def test_role_names_are_not_remembered(to: str) -> None:
    memory = new_memory()
    assert sent(memory, mail(ROSS, to)) == []
    assert memory.person(to.partition("@")[0], "army.mil", DAY + 1) is None


@pytest.mark.parametrize(("recipients", "known"), [(50, 50), (51, 0)])
def test_a_mail_to_very_many_teaches_no_persons(recipients: int, known: int) -> None:
    memory = new_memory()
    assert len(sent(memory, mail(ROSS, *[f"person{n}@army.mil" for n in range(recipients)]))) == known
    assert memory.persons == known


def test_programs_teach_no_persons_but_domains() -> None:
    memory = new_memory()
    assert sent(memory, mail("noreply@corp.example", "j.smith@army.mil")) == []
    [record] = sent(memory, mail("noreply@corp.example", "j.smith@army.ml"))
    assert record.kind is MemoryKind.CORRESPONDENT
    facts = memory.correspondent("army.ml", DAY + 1)
    assert facts is not None
    assert (facts.days_out, facts.persons) == (1, ())


def test_without_persons_only_domains_are_remembered() -> None:
    memory = new_memory(persons=False)
    assert sent(memory, mail(ROSS, "j.smith@army.mil")) == []
    sent(memory, mail(ROSS, "j.smith@army.ml"))
    facts = memory.correspondent("army.ml", DAY + 1)
    assert facts is not None
    assert facts.persons == ()
    record = MemoryRecord(MemoryKind.PERSON, 7, PersonFacts(DAY, DAY, 1))
    assert memory.merge(record) == Merged(changed=False, lacks=False)
    assert memory.persons == 0


def test_mail_with_a_doubted_domain_is_counted_by_days_senders_and_persons() -> None:
    memory = new_memory()
    sent(memory, mail(ROSS, "j.smith@army.mil"))
    for day in range(1, 6):
        sent(memory, mail(ROSS if day % 2 else LEE, "j.smith@army.ml", "ann@army.ml", day=day))
        received(memory, mail(f"pat{day}@army.ml", ROSS, day=day + 1))
    facts = memory.correspondent("army.ml", DAY + 7)
    assert facts is not None
    assert (facts.days_out.bit_count(), facts.days_in.bit_count()) == (5, 5)
    assert (len(facts.senders), len(facts.persons), len(facts.shared)) == (2, 4, 1)
    assert (facts.first_out, facts.first_in) == (DAY + 1, DAY + 2)
    earlier = memory.correspondent("army.ml", DAY + 2)
    assert earlier is not None
    assert (earlier.days_out.bit_count(), earlier.days_in, len(earlier.senders)) == (1, 0, 1)
    assert memory.correspondent("army.ml", DAY + 1) is None


def test_the_days_with_mail_are_an_entry_that_memories_share() -> None:
    memory, other = new_memory(), new_memory()
    near = {"j.smith@army.mil": WATCHED}
    for day in (0, 3, 9):
        learned = memory.learn(mail(ROSS, "j.smith@army.mil", day=day), near, inbound=False)
        [packed] = [record for record in learned if record.digest == DAYS_DIGEST]
        assert memory.learn(mail(LEE, "j.smith@army.mil", day=day), near, inbound=False) != [packed]
        days = packed.record
        assert other.merge(days) == Merged(changed=True, lacks=False)
        assert other.merge(days) == Merged(changed=False, lacks=False)
    assert memory.entry(days.kind, days.digest) == other.entry(days.kind, days.digest) == packed
    assert memory.reach(DAY + 10) == other.reach(DAY + 10) == (10, 0)
    assert other.merge(days._replace(facts=None)) == Merged(changed=False, lacks=False)
    assert other.reach(DAY + 10) == (10, 0)
    received(other, mail("j.smith@army.mil", ROSS, day=9))
    assert other.merge(days) == Merged(changed=False, lacks=True)
    assert (other.persons, other.correspondents) == (1, 0)


def test_mail_to_a_role_is_a_day_with_mail_though_it_teaches_no_person() -> None:
    memory = new_memory()
    assert sent(memory, mail(ROSS, "info@army.mil")) == []
    assert memory.reach(DAY + 1) == (1, 0)
    assert sent(memory, mail(ROSS, "info@army.mil", day=1, delivery="failed")) == []
    assert memory.reach(DAY + 2) == (2, 0)
    assert memory.mail_days.only(DAY + 1) is None


def test_who_has_only_written_in_is_shared_by_no_domain() -> None:
    memory = new_memory()
    received(memory, mail("j.smith@army.mil", ROSS))
    sent(memory, mail(ROSS, "ann@army.mil"))
    received(memory, mail("j.smith@army.ml", ROSS, day=1))
    received(memory, mail("ann@army.ml", ROSS, day=1))
    facts = memory.correspondent("army.ml", DAY + 2)
    assert facts is not None
    assert (len(facts.persons), len(facts.shared)) == (2, 1)


mails = st.lists(
    st.builds(
        mail,
        st.sampled_from([ROSS, LEE, "ann@corp.example"]),
        st.sampled_from(["jo@army.mil", "li@army.mil", "jo@army.ml", "li@army.ml"]),
        day=st.integers(0, 40),
    ),
    max_size=12,
)


def entries(memory: Memory, day: int) -> list[object]:
    persons = [memory.person(local, "army.mil", day) for local in ("jo", "li")]
    return [*persons, memory.correspondent("army.ml", day)]


@given(mails, st.randoms())
def test_memories_that_follow_each_other_know_the_same(events: list[MailEvent], random: object) -> None:
    one, other, reader = new_memory(), new_memory(), new_memory()
    records = [record for at, event in enumerate(events) for record in sent(one if at % 2 else other, event)]
    shuffled = sorted(records * 2, key=lambda _: random.random())  # type: ignore[attr-defined]
    for record in shuffled:
        for memory in (one, other, reader):
            memory.merge(record)
    for day in (DAY + 1, DAY + 20, DAY + 60):
        assert entries(one, day) == entries(other, day) == entries(reader, day)


def test_a_record_that_lacks_something_is_noticed() -> None:
    memory, zombie = new_memory(), new_memory()
    [old] = sent(zombie, mail(ROSS, "jo@army.mil"))
    [first] = sent(memory, mail(LEE, "jo@army.mil", day=2))
    assert memory.merge(first) == Merged(changed=False, lacks=False)
    assert memory.merge(old) == Merged(changed=True, lacks=True)
    assert memory.merge(old) == Merged(changed=False, lacks=True)
    assert zombie.merge(first).changed


def test_a_forgotten_entry_stays_barred_in_every_memory() -> None:
    memory, other = new_memory(), new_memory()
    [record] = sent(memory, mail(ROSS, "jo@army.mil"))
    other.merge(record)
    barred = memory.forget(record.kind, record.digest, DAY + 1)
    assert other.merge(barred).changed
    for each in (memory, other):
        assert sent(each, mail(ROSS, "jo@army.mil", day=2)) == []
        assert not each.merge(record).changed
        assert each.persons == 0
    assert memory.merge(barred._replace(facts=None)).changed
    assert len(sent(memory, mail(ROSS, "jo@army.mil", day=3))) == 1


def test_a_tombstone_erases_without_barring() -> None:
    memory = new_memory()
    [record] = sent(memory, mail(ROSS, "jo@army.mil"))
    assert memory.merge(record._replace(facts=None)).changed
    assert memory.person("jo", "army.mil", DAY + 1) is None
    assert len(sent(memory, mail(ROSS, "jo@army.mil", day=1))) == 1


def test_entries_without_mail_for_long_are_dropped() -> None:
    memory = new_memory()
    sent(memory, mail(ROSS, "jo@army.mil", "ann@army.ml"))
    sent(memory, mail(ROSS, "li@army.mil", day=1))
    assert memory.age(DAY + DAYS_KEPT) == 0
    assert memory.age(DAY + DAYS_KEPT + 1) == 2
    assert (memory.persons, memory.correspondents) == (1, 0)


def test_at_its_bound_a_memory_drops_the_oldest_day() -> None:
    memory = new_memory(bounds=MemoryBounds(persons=10, correspondents=2))
    for day in range(20):
        sent(memory, mail(ROSS, f"p{day}x@army.mil", day=day))
    assert (memory.persons, memory.evicted) == (10, 10)
    assert memory.person("p19x", "army.mil", DAY + 50) is not None
    assert memory.person("p9x", "army.mil", DAY + 50) is None


def test_strangers_with_many_names_drop_none_that_our_people_write_to() -> None:
    memory = new_memory(bounds=MemoryBounds(persons=64, correspondents=64))
    for number in range(30):
        sent(memory, mail(ROSS, f"person{number}x@army.mil", "ann@army.ml"))
    received(memory, mail("honest@army.mil", ROSS, day=1))
    for number in range(1_000):
        host = Near(f"h{number}.arny.mil", "army.mil")
        forged = mail(f"forged{number}x@h{number}.arny.mil", ROSS, day=2)
        memory.learn(forged, {forged.sender: host}, inbound=True)
        received(memory, mail(f"forged{number}x@army.mil", ROSS, day=2))
    assert (memory.persons, memory.correspondents) == (64, 64)
    assert all(memory.person(f"person{number}x", "army.mil", DAY + 3) for number in range(30))
    assert memory.correspondent("army.ml", DAY + 3) is not None
    assert memory.person("honest", "army.mil", DAY + 3) is None, "nobody has answered it yet"


def test_where_our_people_wrote_to_all_the_oldest_day_goes_first() -> None:
    memory = new_memory(bounds=MemoryBounds(persons=64, correspondents=64))
    for day in range(100):
        sent(memory, mail(ROSS, f"person{day}x@army.mil", day=day))
        received(memory, mail("forged@army.mil", ROSS, day=day))
    assert memory.person("person99x", "army.mil", DAY + 100) is not None
    assert memory.person("person9x", "army.mil", DAY + 100) is None


def test_what_was_taught_today_is_known_without_learning_again() -> None:
    memory = new_memory()
    sent(memory, mail(ROSS, "jo@army.mil"))
    assert memory.taught.new(DAY, False, ROSS, ["jo@army.mil"]) == []
    assert memory.taught.new(DAY, True, ROSS, ["jo@army.mil"]) != []
    assert memory.taught.new(DAY + 1, False, ROSS, ["jo@army.mil"]) != []
