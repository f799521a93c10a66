from __future__ import annotations

from collections.abc import Iterable

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
    near = WATCHED if sender.endswith(".mil") else DOUBTED
    memory.learn(mail_on(day, sender, ROSS), {sender: near}, inbound=True)


def facts(memory: Memory, day: int, sender: str = ROSS, local: str = "j.smith") -> Remembered:
    return recall(memory, mail_on(day, sender, f"{local}@army.ml"), VERDICT, [local]).facts


def test_a_person_is_known_to_who_wrote_there_and_to_colleagues_from_the_next_day() -> None:
    memory = new_memory()
    for day in (0, 1, 1, 3):
        sent(memory, day, ROSS, "j.smith@army.mil")
    assert facts(memory, 0) == Remembered(0)
    assert facts(memory, 4) == Remembered(0, "sender", 3)
    assert facts(memory, 4, LEE) == Remembered(0, "colleague", 3)
    assert facts(memory, 4, local="j.smyth") == Remembered(0)


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


def test_the_memory_reaches_back_as_far_as_mail_both_ways_was_learned() -> None:
    memory = new_memory()
    for day in range(0, 50, 2):
        sent(memory, day, ROSS, "ann@army.mil")
    assert facts(memory, 50).memory_days == 0, "nothing is known of mail that came in"
    for day in range(40, 50, 3):
        received(memory, day, "ann@army.mil")
    assert facts(memory, 50).memory_days == 10
    for old in (-4_000, -390, -60):
        sent(memory, old, ROSS, "bob@army.mil")
        received(memory, old, "bob@army.mil")
    assert facts(memory, 50).memory_days == 10, "one old mail is no memory"


def test_who_wrote_first_is_known_after_a_month_of_memory_before_it() -> None:
    for first, known in ((29, False), (30, True)):
        memory = new_memory()
        for day in range(0, 60, 3):
            sent(memory, day, ROSS, "ann@army.mil")
        received(memory, first, "x@army.ml")
        assert not facts(memory, first).wrote_first
        assert facts(memory, first + 1).wrote_first == facts(memory, 59).wrote_first == known
        sent(memory, 58, ROSS, "x@army.ml")
        assert facts(memory, 59).wrote_first == known
        sent(memory, first, ROSS, "x@army.ml")
        assert not facts(memory, 59).wrote_first


def test_one_old_mail_is_no_month_of_memory_before_the_first() -> None:
    memory = new_memory()
    sent(memory, -200, ROSS, "ann@army.mil")
    for day in range(40):
        sent(memory, day, ROSS, "ann@army.mil")
    received(memory, 20, "x@army.ml")
    assert not facts(memory, 39).wrote_first


def shared(memory: Memory, days: Iterable[int]) -> None:
    """Three persons of army.mil who exchange mail at army.ml on these days."""
    for name in ("ann", "bob", "eve"):
        sent(memory, 0, ROSS, f"{name}@army.mil")
        for day in days:
            sent(memory, day, ROSS, f"{name}@army.ml")
            received(memory, day, f"{name}@army.ml")


def test_several_persons_of_the_intended_domain_over_weeks_may_mean_a_new_name() -> None:
    memory = new_memory()
    shared(memory, range(5, 30, 5))
    assert facts(memory, 26).renamed
    assert not facts(memory, 25).renamed


def test_a_day_of_forged_senders_means_no_new_name() -> None:
    busy, strangers = new_memory(), new_memory()
    shared(busy, [5, 6, 7, 8])
    assert not facts(busy, 40).renamed
    for name in ("ann", "bob", "eve"):
        sent(strangers, 0, ROSS, f"{name}@army.mil")
        sent(strangers, 9, ROSS, f"{name}@army.ml")
        for day in range(5, 60):
            received(strangers, day, f"{name}@army.ml")
    assert not facts(strangers, 70).renamed, "mail went out on one day"


def test_who_has_only_written_in_is_known_to_nobody_and_no_stranger() -> None:
    memory = new_memory()
    received(memory, 0, "j.smith@army.mil")
    recalled = recall(memory, mail_on(1, ROSS, "j.smith@army.ml"), VERDICT, ["j.smith"])
    assert (recalled.facts.known_to, recalled.person, recalled.is_stranger) == (None, None, False)
    sent(memory, 1, LEE, "j.smith@army.mil")
    assert facts(memory, 1).known_to is None
    assert facts(memory, 2) == Remembered(1, "colleague", 2)


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
