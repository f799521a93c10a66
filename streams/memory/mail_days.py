"""The days of which a memory has learned mail, with whatever domain: how far back what it doesn't know means anything.

One old event, or one with a wrong date, is no reach: a memory reaches back as long as no gap is longer than GAP_DAYS.
"""

from __future__ import annotations

from typing import NamedTuple

from streams.memory.facts import DAYS_KEPT, CorrespondentFacts

GAP_DAYS = 14
"""The longest gap between two days with mail: an organisation's mail may rest over the turn of the year."""
_STEPS = (1, 2, 4, 6)
"""Together GAP_DAYS - 1."""


class Reach(NamedTuple):
    """How many days a memory reaches back in mail that went out, and in mail that came in."""

    out: int
    inbound: int


class MailDays:
    """The days with mail out and in that taught something, as one entry for all domains together."""

    def __init__(self) -> None:
        self.facts: CorrespondentFacts | None = None

    def add(self, day: int, *, inbound: bool) -> bool:
        """Add a day; whether it is new."""
        facts = self.facts
        if facts is not None and day == facts.last and (facts.days_in if inbound else facts.days_out) & 1:
            return False
        return self.join(CorrespondentFacts(day, int(not inbound), int(inbound)))

    def join(self, facts: CorrespondentFacts) -> bool:
        """Add the days that another memory knows; whether there are new ones."""
        before = self.facts
        self.facts = facts if before is None else before.joined(facts)
        return self.facts != before

    def only(self, day: int) -> CorrespondentFacts | None:
        """What is known of one day; None without mail."""
        facts = self.facts.before(day + 1) if self.facts is not None else None
        if facts is None or facts.last != day:
            return None
        return CorrespondentFacts(day, facts.days_out & 1, facts.days_in & 1)

    def reach(self, day: int) -> Reach:
        """How far back from a day, at most DAYS_KEPT days."""
        facts = self.facts.before(day) if self.facts is not None else None
        if facts is None:
            return Reach(0, 0)
        missing = min(day - 1 - facts.last, DAYS_KEPT)
        kept = (1 << DAYS_KEPT) - 1
        return Reach(_reach(facts.days_out << missing & kept), _reach(facts.days_in << missing & kept))

    @property
    def since(self) -> int | None:
        """The first day, as far as mail out reaches back from the last one; None without any."""
        facts = self.facts
        return None if facts is None or not facts.days_out else _since(facts)


def _since(facts: CorrespondentFacts) -> int:
    newest = facts.last + 1 - _lowest(facts.days_out)
    return newest + 1 - _reach(facts.days_out >> facts.last - newest)


def _lowest(days: int) -> int:
    return (days & -days).bit_length()


def _reach(days: int) -> int:
    """The days of a bitmap, whose bit 0 is yesterday, back to the first after which no gap is too long."""
    for step in _STEPS:
        days |= days >> step
    return (~days & days + 1).bit_length() - 1
