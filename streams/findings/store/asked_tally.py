"""The gate's questions of one rule, key and window, merged from hits: the earliest time of each and its outcome."""

from collections.abc import Iterator

from streams.events.asked import AskedCounts, AskedOutcome

ASKED_RANKS: dict[AskedOutcome, int] = {"asked": 128, "confirmed": 129, "corrected": 130}
"""What a record has in place of the rank of its delivery, by which the state topic tells them apart: never changed."""
FIRST_ASKED_RANK = min(ASKED_RANKS.values())


class AskedTally:
    """The questions by identity: the bytes of an entry that distinguish it, with those of its unit and its domain at
    `unit` and `domain`. Neither order nor repeats matter. Adding takes constant time."""

    __slots__ = ("_domain", "_known", "_outcomes", "_unit", "domains", "records", "units")

    def __init__(self, unit: slice, domain: slice) -> None:
        self._unit, self._domain = unit, domain
        self._known: dict[bytes, tuple[int, int]] = {}
        self._outcomes = dict.fromkeys(ASKED_RANKS.values(), 0)
        self.records = 0
        """How many records of the log are of questions."""
        self.units: set[bytes] = set()
        """The distinct questions, or the senders who were asked."""
        self.domains: set[bytes] = set()
        """The distinct mistaken domains."""

    def __len__(self) -> int:
        return len(self._known)

    def __contains__(self, identity: bytes) -> bool:
        return identity in self._known

    def is_news(self, identity: bytes, time_ms: int, rank: int) -> bool:
        """Whether to add this would change anything."""
        known = self._known.get(identity)
        return known is None or time_ms < known[0] or rank > known[1]

    def add(self, identity: bytes, time_ms: int, rank: int) -> None:
        """Add a record of a question."""
        self.records += 1
        known = self._known.get(identity)
        if known is None:
            self.units.add(identity[self._unit])
            self.domains.add(identity[self._domain])
        else:
            self._outcomes[known[1]] -= 1
            time_ms, rank = min(time_ms, known[0]), max(rank, known[1])
        self._known[identity] = time_ms, rank
        self._outcomes[rank] += 1

    def times_ms(self) -> Iterator[int]:
        """When each question was asked, in no order."""
        return (time_ms for time_ms, _ in self._known.values())

    def counts(self) -> AskedCounts:
        """How many there are, and how many of them have each outcome."""
        return AskedCounts(
            len(self._known), self._outcomes[ASKED_RANKS["confirmed"]], self._outcomes[ASKED_RANKS["corrected"]]
        )
