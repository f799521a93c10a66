"""All findings that the console knows, in bounded memory: the newest state of each, and what has changed lately."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter, deque
from collections.abc import Callable
from operator import attrgetter
from typing import Any, NamedTuple

from streams.console.finding import Finding, after

CHANGES_KEPT = 5_000
"""So many changes back a page that has lost its connection can go on; one that was away longer loads anew."""
_order = attrgetter("order")
Choose = Callable[[list[Finding]], list[Finding]]
"""Gives those of a list that are wanted, in the same order; may give the list itself."""


class Change(NamedTuple):
    """A finding's state before a change; None where the change brought the finding."""

    version: int
    uid: str
    before: Finding | None


class Page(NamedTuple):
    """Findings, how many there are in all, and whether more follow."""

    findings: list[Finding]
    total: int
    more: bool


class Findings:
    """Kept by uid; where there are more than `limit`, those are dropped whose last mail is longest ago.

    `severities`, `slips` and `rules` count the findings of each; `dropped` how many were.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._by_uid: dict[str, Finding] = {}
        self._sorted: list[Finding] = []
        self._changes: deque[Change] = deque(maxlen=CHANGES_KEPT)
        self.version = 0
        self.dropped = 0
        self.severities: Counter[int] = Counter()
        self.slips: Counter[str] = Counter()
        self.rules: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._by_uid)

    def get(self, uid: str) -> Finding | None:
        """The newest state of a finding."""
        return self._by_uid.get(uid)

    def put(self, finding: Finding) -> bool:
        """Take a state in; False where it is no newer than the one that is known."""
        before = self._by_uid.get(finding.uid)
        if before is not None and finding.sequence <= before.sequence:
            return False
        self.version += 1
        if before is not None:
            self._count(before, -1)
            del self._sorted[bisect_left(self._sorted, before.order, key=_order)]
        newest = self._by_uid[finding.uid] = after(finding, before, self.version)
        insort(self._sorted, newest, key=_order)
        self._count(newest, 1)
        self._changes.append(Change(self.version, finding.uid, before))
        if len(self._by_uid) > self._limit * 1.02:
            self._drop()
        return True

    def since(self, version: int) -> list[Change] | None:
        """The changes after that version, one a finding; None where they are not known any more."""
        if version > self.version or (self._changes and version < self._changes[0].version - 1):
            return None
        changed: dict[str, Change] = {}
        for change in reversed(self._changes):
            if change.version <= version:
                break
            changed[change.uid] = change  # the earliest stays, with the state before all of them
        return list(changed.values())

    def page(self, choose: Choose, before: tuple[int, str] | None, limit: int) -> Page:
        """Newest first, at most `limit` of those that `choose` leaves, from after the one ordered `before`."""
        chosen = choose(self._sorted)
        end = len(chosen) if before is None else bisect_left(chosen, before, key=_order)
        start = max(0, end - limit)
        return Page(chosen[start:end][::-1], len(chosen), start > 0)

    def total(self, choose: Choose) -> int:
        """How many `choose` leaves."""
        return len(choose(self._sorted))

    def _drop(self) -> None:
        excess = len(self._sorted) - self._limit
        for finding in self._sorted[:excess]:
            del self._by_uid[finding.uid]
            self._count(finding, -1)
        del self._sorted[:excess]
        self.dropped += excess

    def _count(self, finding: Finding, by: int) -> None:
        counted: tuple[tuple[Counter[Any], Any], ...] = (
            (self.severities, finding.severity),
            (self.slips, finding.slip),
            (self.rules, finding.rule),
        )
        for counter, value in counted:
            counter[value] += by
            if not counter[value]:
                del counter[value]
