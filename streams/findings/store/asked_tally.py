"""The mails of one rule, key and window that the gate asked about, merged from hits: when, and what came of it."""

from collections.abc import Iterator

from streams.events.asked import NOTHING_ASKED, AskedCounts, AskedOutcome

ASKED_RANKS: dict[AskedOutcome, int] = {"asked": 128, "confirmed": 129, "corrected": 130}
"""What a record has in place of the rank of its delivery, by which the state topic tells them apart: never changed."""
FIRST_ASKED_RANK = min(ASKED_RANKS.values())
_MAIL = slice(0, 8)


class AskedTally:
    """Questions by identity: the bytes of an entry that distinguish it, which begin with those of its mail; those of
    its unit and its domain are at `unit` and `domain`. A mail with several recipients may have several questions.

    Neither order nor repeats matter. Adding takes constant time.
    """

    __slots__ = ("_domain", "_known", "_outcomes", "_unit", "domains", "mails", "records", "units")

    def __init__(self, unit: slice, domain: slice) -> None:
        self._unit, self._domain = unit, domain
        self._known: dict[bytes, tuple[int, int]] = {}
        self._outcomes = dict.fromkeys(ASKED_RANKS.values(), 0)
        self.records = 0
        """How many records of the log are of questions."""
        self.mails: dict[bytes, int] = {}
        """The distinct mails, each with the rank of the latest outcome."""
        self.units: set[bytes] = set()
        """The distinct mails, or the senders who were asked."""
        self.domains: set[bytes] = set()
        """The distinct mistaken domains."""

    def __contains__(self, identity: bytes) -> bool:
        return identity in self._known

    def is_news(self, identity: bytes, time_ms: int, rank: int) -> bool:
        """Whether to add this would change anything."""
        known = self._known.get(identity)
        return known is None or time_ms < known[0] or rank > known[1]

    def has_room(self, identity: bytes, max_mails: int) -> bool:
        """Whether there may be one more of its mails."""
        return len(self.mails) < max_mails or identity[_MAIL] in self.mails

    def add(self, identity: bytes, time_ms: int, rank: int) -> None:
        """Add a record of a question."""
        self.records += 1
        known_ms, known_rank = self._known.get(identity, (time_ms, rank))
        self._known[identity] = min(time_ms, known_ms), max(rank, known_rank)
        self.units.add(identity[self._unit])
        self.domains.add(identity[self._domain])
        mail = identity[_MAIL]
        before = self.mails.get(mail)
        if before is not None:
            self._outcomes[before] -= 1
            rank = max(rank, before)
        self.mails[mail] = rank
        self._outcomes[rank] += 1

    def times_ms(self) -> Iterator[int]:
        """When each question was asked, in no order."""
        return (time_ms for time_ms, _ in self._known.values())

    def counts(self) -> AskedCounts:
        """How many mails there are, and how many of them have each outcome."""
        if not self.mails:
            return NOTHING_ASKED
        return AskedCounts(
            len(self.mails), self._outcomes[ASKED_RANKS["confirmed"]], self._outcomes[ASKED_RANKS["corrected"]]
        )
