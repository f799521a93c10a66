"""Recalls what the memory knew before the day of a mail that goes to a doubted domain."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from streams.domains.verdict import Verdict
from streams.events.mail import MailEvent
from streams.events.remembered import KnownTo, Remembered
from streams.memory.facts import CorrespondentFacts, PersonFacts
from streams.memory.lessons import is_person
from streams.memory.memory import DAY_MS, Memory

ESTABLISHED_DAYS = 5
ESTABLISHED_SPAN = 21
SEVERAL = 3
"""An established correspondent: mail out and mail in, each on so many days over so many days, of several senders of
ours and several persons there."""
MEMORY_DAYS = 30
"""A memory knows who wrote first if it reaches back so many days before the first mail, and that nobody has written if
it reaches back so many."""


class Recalled(NamedTuple):
    """The facts for the hit, the local part of the recipient who is known at the intended domain, and whether all of
    them are persons' names that nobody is known by there."""

    facts: Remembered
    person: str | None
    is_stranger: bool = False


def recall(memory: Memory, event: MailEvent, verdict: Verdict, local_parts: Iterable[str]) -> Recalled:
    """What was known before the event's day of a domain with this verdict and of the recipients there."""
    day = event.time_ms // DAY_MS
    reach = memory.reach(day)
    names = sorted(local_parts)
    intended = verdict.intended or ""
    known = [(local, found) for local in names if (found := memory.person(local, intended, day))]
    known_to, person, person_days = _same_person(memory, event.sender, known)
    is_stranger = not known and memory.has_persons_before(day) and all(map(is_person, names))
    mail = memory.correspondent(verdict.domain, day)
    facts = Remembered(min(reach), known_to, person_days)
    return Recalled(facts if mail is None else _with_mail(facts, mail, day - reach.out), person, is_stranger)


def _same_person(
    memory: Memory, sender: str, known: Iterable[tuple[str, PersonFacts]]
) -> tuple[KnownTo | None, str | None, int]:
    """The recipient who is best known at the intended domain: to the sender, else to anybody, by the most days. Who was
    never written to is known to nobody: anybody can send one mail under that name."""
    best: tuple[bool, int, str] | None = None
    for local, person in known:
        if person.writers:
            found = memory.has_written(sender, person), person.days.bit_count(), local
            best = max(best, found) if best is not None else found
    if best is None:
        return None, None, 0
    return "sender" if best[0] else "colleague", best[2], best[1]


def _with_mail(facts: Remembered, mail: CorrespondentFacts, since: int) -> Remembered:
    """The facts with those of the mail exchanged; mail out is remembered without a gap from the day `since` on."""
    first_in, first_out = mail.first_in, mail.first_out
    came_first = first_in is not None and (first_out is None or first_in < first_out)
    is_remembered = first_in is not None and first_in - since >= MEMORY_DAYS
    return Remembered(
        facts.memory_days,
        facts.known_to,
        facts.person_days,
        days_out=mail.days_out.bit_count(),
        days_in=mail.days_in.bit_count(),
        wrote_first=came_first and is_remembered,
        established=_is_over_weeks(mail) and len(mail.senders) >= SEVERAL and len(mail.persons) >= SEVERAL,
        renamed=_is_over_weeks(mail) and len(mail.shared) >= SEVERAL,
    )


def _is_over_weeks(mail: CorrespondentFacts) -> bool:
    ways = mail.days_out, mail.days_in
    return all(days.bit_count() >= ESTABLISHED_DAYS and _span(days) >= ESTABLISHED_SPAN for days in ways)


def _span(days: int) -> int:
    """The days from the first to the last of a bitmap, both included; it isn't empty."""
    return days.bit_length() - (days & -days).bit_length() + 1
