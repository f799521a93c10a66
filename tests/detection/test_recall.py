from __future__ import annotations

from streams.detection.recall import recall
from streams.domains.verdict import Verdict
from streams.events.remembered import Remembered
from streams.memory.lessons import LearningPolicy, Near
from streams.memory.memory import Memory, MemoryBounds
from streams.memory.memory_digests import MemoryDigests
from tests.detection.remembering import LEE, OWN, ROSS, mail_on

VERDICT = Verdict("army.ml", 0.9, True, True, "army.mil", "suffix-omission", "")
WATCHED, DOUBTED = Near("army.mil", "army.mil"), Near("army.ml", "army.mil")
STAFF = [f"staff{number}@{OWN}" for number in range(4)]


def new_memory() -> Memory:
    return Memory(MemoryDigests(b"key"), LearningPolicy(), MemoryBounds(1_000, 100))


def sent(memory: Memory, day: int, sender: str, to: str) -> None:
    near = WATCHED if to.endswith(".mil") else DOUBTED
    memory.learn(mail_on(day, sender, to), {to: near}, inbound=False)


def received(memory: Memory, day: int, sender: str) -> None:
    memory.learn(mail_on(day, sender, ROSS), {sender: DOUBTED}, inbound=True)


def facts(memory: Memory, day: int, sender: str = ROSS, local: str = "j.smith") -> Remembered:
    return recall(memory, mail_on(day, sender, f"{local}@army.ml"), VERDICT, [local]).facts


def test_a_person_is_known_to_who_wrote_there_and_to_colleagues_from_the_next_day() -> None:
    memory = new_memory()
    for day in (0, 1, 1, 3):
        sent(memory, day, ROSS, "j.smith@army.mil")
    assert facts(memory, 0) == Remembered(0)
    assert facts(memory, 4) == Remembered(4, "sender", 3)
    assert facts(memory, 4, LEE) == Remembered(4, "colleague", 3)
    assert facts(memory, 4, local="j.smyth") == Remembered(4)


def test_the_best_known_recipient_counts() -> None:
    memory = new_memory()
    sent(memory, 0, LEE, "ann@army.mil")
    sent(memory, 0, ROSS, "bob@army.mil")
    recalled = recall(memory, mail_on(2, ROSS, "ann@army.ml"), VERDICT, ["ann", "bob", "carl"])
    assert (recalled.person, recalled.facts.known_to) == ("bob", "sender")


def test_mail_both_ways_over_weeks_between_several_people_is_established() -> None:
    memory = new_memory()
    for day in range(0, 30, 3):
        sent(memory, day, STAFF[day % 4], f"person{day % 7}@army.ml")
        received(memory, day, f"person{day % 7}@army.ml")
    assert not facts(memory, 15).established
    known = facts(memory, 40)
    assert (known.established, known.days_out, known.days_in, known.wrote_first) == (True, 10, 10, False)


def test_mail_in_one_direction_or_of_few_people_is_not_established() -> None:
    out, inwards, few = new_memory(), new_memory(), new_memory()
    for day in range(60):
        sent(out, day, STAFF[day % 4], f"person{day % 7}@army.ml")
        received(inwards, day, f"person{day % 7}@army.ml")
        sent(few, day, ROSS, "person@army.ml")
        received(few, day, "person@army.ml")
    assert not any(facts(memory, 70).established for memory in (out, inwards, few))


def test_who_wrote_first_is_known_after_a_month_of_memory() -> None:
    memory = new_memory()
    sent(memory, 0, ROSS, "ann@army.mil")
    received(memory, 5, "x@army.ml")
    sent(memory, 6, ROSS, "x@army.ml")
    assert not facts(memory, 29).wrote_first
    assert facts(memory, 31).wrote_first
    sent(memory, 4, ROSS, "x@army.ml")
    assert not facts(memory, 31).wrote_first


def test_several_persons_of_the_intended_domain_may_mean_a_new_name() -> None:
    memory = new_memory()
    for name in ("ann", "bob", "eve"):
        sent(memory, 0, ROSS, f"{name}@army.mil")
        sent(memory, 5, ROSS, f"{name}@army.ml")
    assert not facts(memory, 9).renamed
    received(memory, 6, "ann@army.ml")
    assert facts(memory, 9).renamed
    assert not facts(memory, 6).renamed


def test_a_name_that_nobody_is_known_by_is_a_strangers() -> None:
    memory = new_memory()

    def is_stranger(day: int, *names: str) -> bool:
        return recall(memory, mail_on(day, ROSS, "x@army.ml"), VERDICT, names).is_stranger

    assert not is_stranger(0, "ann"), "nothing is remembered yet"
    sent(memory, 0, ROSS, "bob@army.mil")
    assert is_stranger(1, "ann")
    assert not is_stranger(1, "ann", "bob")
    assert not is_stranger(1, "info")
    assert not is_stranger(1, "ann", "sales")
