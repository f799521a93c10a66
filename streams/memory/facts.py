"""What is remembered of one person or one correspondent: values, their merge, and how they were before a day.

Days of mail are a bitmap that ends with the last one: bit 0 is that day, bit 1 the day before.
"""

from __future__ import annotations

from typing import NamedTuple, Self

from streams.memory.first_seen import FirstSeen, days_of, first_before, joined_first

PERSON_DAYS = 32
DAYS_KEPT = 400
"""The most days that an entry looks back: of a person PERSON_DAYS, of a correspondent all that are kept."""


class PersonFacts(NamedTuple):
    """Mail with one person at a watched domain: first and last day, the days with mail, the first of our senders who
    wrote there."""

    first: int
    last: int
    days: int
    writers: FirstSeen = ()

    def joined(self, other: Self) -> Self:
        """What both know together."""
        last = max(self.last, other.last)
        days = _since(self.days, self.last, last) | _since(other.days, other.last, last)
        first = min(self.first, other.first)
        writers = joined_first(self.writers, other.writers)
        return type(self)(first, last, days & (1 << PERSON_DAYS) - 1, writers)

    def before(self, day: int) -> Self | None:
        """What was known before a day; None where the person wasn't."""
        if self.first >= day:
            return None
        if self.last < day:
            return self
        days = self.days >> self.last - day + 1
        return type(self)(self.first, day - 1, days, first_before(self.writers, day))

    def until(self, day: int) -> Self | None:
        """What was known at the end of a day, up to the last day with mail that is known; None where the person
        wasn't."""
        facts = self.before(day + 1)
        if facts is None:
            return None
        idle = _idle_days(facts.days) if facts.days else facts.last - facts.first
        last = facts.last - idle
        return type(self)(facts.first, last, facts.days >> idle or 1, first_before(facts.writers, last + 1))

    @property
    def days_with_news(self) -> list[int]:
        """The first and the last day, and those on which one of `writers` was new."""
        return sorted({self.first, self.last, *days_of(self.writers)})


class CorrespondentFacts(NamedTuple):
    """Mail exchanged with one domain near a watched one, up to the day `last`.

    `days_out` and `days_in` are the days on which mail went out and came in; `senders` the first of ours who wrote
    there, `persons` the first persons there, `shared` those of them who were known at the intended domain.
    """

    last: int
    days_out: int = 0
    days_in: int = 0
    senders: FirstSeen = ()
    persons: FirstSeen = ()
    shared: FirstSeen = ()

    def joined(self, other: Self) -> Self:
        """What both know together."""
        last, kept = max(self.last, other.last), (1 << DAYS_KEPT) - 1
        return self._replace(
            last=last,
            days_out=(_since(self.days_out, self.last, last) | _since(other.days_out, other.last, last)) & kept,
            days_in=(_since(self.days_in, self.last, last) | _since(other.days_in, other.last, last)) & kept,
            senders=joined_first(self.senders, other.senders),
            persons=joined_first(self.persons, other.persons),
            shared=joined_first(self.shared, other.shared),
        )

    def before(self, day: int) -> Self | None:
        """What was known before a day; None where no mail had been exchanged."""
        if self.last < day:
            return self
        shift = self.last - day + 1
        days_out, days_in = self.days_out >> shift, self.days_in >> shift
        if not days_out and not days_in:
            return None
        return self._replace(
            last=day - 1,
            days_out=days_out,
            days_in=days_in,
            senders=first_before(self.senders, day),
            persons=first_before(self.persons, day),
            shared=first_before(self.shared, day),
        )

    def until(self, day: int) -> Self | None:
        """What was known at the end of a day, up to the last day with mail; None where no mail had been exchanged."""
        facts = self.before(day + 1)
        if facts is None:
            return None
        idle = _idle_days(facts.days_out | facts.days_in)
        return facts._replace(last=facts.last - idle, days_out=facts.days_out >> idle, days_in=facts.days_in >> idle)

    @property
    def first(self) -> int:
        """The first day with mail in either direction."""
        return self.last + 1 - (self.days_out | self.days_in).bit_length()

    @property
    def first_out(self) -> int | None:
        """The first day on which mail went out."""
        return self.last + 1 - self.days_out.bit_length() if self.days_out else None

    @property
    def first_in(self) -> int | None:
        """The first day on which mail came in."""
        return self.last + 1 - self.days_in.bit_length() if self.days_in else None


def _idle_days(days: int) -> int:
    """The days without mail at the end of a bitmap that has some."""
    return (days & -days).bit_length() - 1


def _since(days: int, last: int, newer: int) -> int:
    """A bitmap that ends with the day `last`, as one that ends with a day not before it."""
    return days << min(newer - last, DAYS_KEPT) if days else 0
