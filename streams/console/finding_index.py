"""The console's findings, in bounded memory: the newest state of each, sorted, and the latest changes."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter, deque
from collections.abc import Callable
from operator import attrgetter
from typing import Any, NamedTuple

from streams.console.stored_finding import StoredFinding, successor

CHANGES_KEPT = 5_000
"""Changes that a page can have missed and still resume; after more of them it has to load its list again."""
_order = attrgetter("order")
Choose = Callable[[list[StoredFinding]], list[StoredFinding]]
"""Filters a list and keeps its order; may return the list itself."""


class FindingChange(NamedTuple):
    """A change of a finding, with its state before; None where the finding was new."""

    version: int
    uid: str
    before: StoredFinding | None


class FindingPage(NamedTuple):
    """One page of findings, the total of all pages, and whether more follow."""

    findings: list[StoredFinding]
    total: int
    more: bool


class FindingIndex:
    """Findings by uid; beyond about `limit` of them, those whose last mail is oldest are dropped.

    `severities`, `slips` and `rules` count the findings by each; `dropped` counts those that were dropped.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._by_uid: dict[str, StoredFinding] = {}
        self._sorted: list[StoredFinding] = []
        self._changes: deque[FindingChange] = deque(maxlen=CHANGES_KEPT)
        self.version = 0
        self.dropped = 0
        self.severities: Counter[int] = Counter()
        self.slips: Counter[str] = Counter()
        self.rules: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._by_uid)

    def get(self, uid: str) -> StoredFinding | None:
        """The newest state of a finding."""
        return self._by_uid.get(uid)

    def put(self, finding: StoredFinding) -> bool:
        """Store a state; False where it is not newer than the stored one."""
        before = self._by_uid.get(finding.uid)
        if before is not None and finding.sequence <= before.sequence:
            return False
        self.version += 1
        if before is not None:
            self._count(before, -1)
            del self._sorted[bisect_left(self._sorted, before.order, key=_order)]
        newest = self._by_uid[finding.uid] = successor(finding, before, self.version)
        insort(self._sorted, newest, key=_order)
        self._count(newest, 1)
        self._changes.append(FindingChange(self.version, finding.uid, before))
        if len(self._by_uid) > self._limit * 1.02:
            self._drop()
        return True

    def since(self, version: int) -> list[FindingChange] | None:
        """The changes after that version, one per finding; None where they are no longer kept."""
        if version > self.version or (self._changes and version < self._changes[0].version - 1):
            return None
        changed: dict[str, FindingChange] = {}
        for change in reversed(self._changes):
            if change.version <= version:
                break
            changed[change.uid] = change  # the earliest one wins: it has the state before all of them
        return list(changed.values())

    def page(self, choose: Choose, before: tuple[int, str] | None, limit: int) -> FindingPage:
        """At most `limit` findings that `choose` accepts, newest first, from after the one whose order is `before`."""
        chosen = choose(self._sorted)
        end = len(chosen) if before is None else bisect_left(chosen, before, key=_order)
        start = max(0, end - limit)
        return FindingPage(chosen[start:end][::-1], len(chosen), start > 0)

    def total(self, choose: Choose) -> int:
        """How many findings `choose` accepts."""
        return len(choose(self._sorted))

    def _drop(self) -> None:
        excess = len(self._sorted) - self._limit
        for finding in self._sorted[:excess]:
            del self._by_uid[finding.uid]
            self._count(finding, -1)
        del self._sorted[:excess]
        self.dropped += excess

    def _count(self, finding: StoredFinding, by: int) -> None:
        counted: tuple[tuple[Counter[Any], Any], ...] = (
            (self.severities, finding.severity),
            (self.slips, finding.slip),
            (self.rules, finding.rule),
        )
        for counter, value in counted:
            counter[value] += by
            if not counter[value]:
                del counter[value]
