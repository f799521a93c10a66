"""What the memory knew, before the day of a mail, of a mistaken domain and of the recipient there: the evidence."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Days = Annotated[int, Meta(ge=0, le=100_000)]
KnownTo = Literal["sender", "colleague"]


class Remembered(msgspec.Struct, frozen=True, omit_defaults=True):
    """Facts of the days before the mail's day (UTC), as hits and alerts carry them.

    `memory_days` is how far back the memory reaches, in mail both ways and without a long gap. `known_to` says who
    knows the recipient's name at the intended domain, the mail's own sender or a colleague, and `person_days` on how
    many of the last 32 days that person and this organisation exchanged mail. `days_out` and `days_in` count the days
    with mail to and from the mistaken domain. `wrote_first`: mail came in from there before any went out, as a memory
    of the month before knows. `established`: mail goes both ways, over weeks, between several people on both sides.
    `renamed`: several persons of the intended domain turned up at the mistaken one, and mail goes both ways over weeks.
    """

    memory_days: Days
    known_to: KnownTo | None = None
    person_days: Days = 0
    days_out: Days = 0
    days_in: Days = 0
    wrote_first: bool = False
    established: bool = False
    renamed: bool = False


def joined_memory(one: Remembered | None, other: Remembered | None) -> Remembered | None:
    """Merge what two mails of one domain recalled, in any order: the most that either knew."""
    if one is None or other is None or one == other:
        return one or other
    return Remembered(
        memory_days=max(one.memory_days, other.memory_days),
        known_to="sender" if "sender" in (one.known_to, other.known_to) else one.known_to or other.known_to,
        person_days=max(one.person_days, other.person_days),
        days_out=max(one.days_out, other.days_out),
        days_in=max(one.days_in, other.days_in),
        wrote_first=one.wrote_first or other.wrote_first,
        established=one.established or other.established,
        renamed=one.renamed or other.renamed,
    )
