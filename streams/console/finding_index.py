"""The console's findings, in bounded memory: the newest state of each, sorted, and the latest changes."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter, deque
from collections.abc import Callable, Iterator
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple

from streams.console.finding_order import ORDERS, Place, Sort, in_order, is_of, place
from streams.console.stored_finding import StoredFinding, decided, successor
from streams.triage.decision import TriageDecision

CHANGES_KEPT = 5_000
"""Changes that a page can have missed and still resume; after more of them it has to load its list again."""
DECISIONS_KEPT = 100_000
"""Decisions in memory, some 400 bytes each; those on findings that were decided on longest ago are dropped first."""
_order = attrgetter("last_seen_ms", "uid")
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


class FindingCase(NamedTuple):
    """The findings of one sender that were chosen, the one that is listed first at the head; or a single finding."""

    findings: list[StoredFinding]

    @property
    def lead(self) -> StoredFinding:
        """The finding by which the case is listed."""
        return self.findings[0]


class CasePage(NamedTuple):
    """One page of cases, the findings of all pages in total, and whether more cases follow."""

    cases: list[FindingCase]
    total: int
    more: bool


class FindingIndex:
    """Findings by uid; beyond about `limit` of them, those whose last mail is oldest are dropped.

    `severities`, `slips` and `rules` count the findings by each, `open_severities` those that are open; `dropped`
    counts those that were dropped.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._by_uid: dict[str, StoredFinding] = {}
        self._sorted: list[StoredFinding] = []
        self._by_severity: dict[tuple[bool, int], list[StoredFinding]] = {}  # open ones are True
        self._of_sender: dict[str, str | tuple[str, ...]] = {}  # mostly one finding, for which a tuple takes too much
        self._of_assignee: dict[str, set[str]] = {}
        self._decisions: dict[str, TriageDecision] = {}
        self._changes: deque[FindingChange] = deque(maxlen=CHANGES_KEPT)
        self.version = 0
        self.dropped = 0
        self.severities: Counter[int] = Counter()
        self.open_severities: Counter[int] = Counter()
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
        newest = successor(finding, before, self.version + 1)
        self._replace(before, decided(newest, self._decisions.get(finding.uid)))
        if len(self._by_uid) > self._limit * 1.02:
            self._drop()
        return True

    def decide(self, decision: TriageDecision) -> None:
        """Store the last decision on a finding, whether its alert was read already or not."""
        uid = decision.finding_uid
        if self._decisions.pop(uid, None) == decision:
            self._decisions[uid] = decision
            return
        self._decisions[uid] = decision
        if len(self._decisions) > DECISIONS_KEPT:
            del self._decisions[next(iter(self._decisions))]
        before = self._by_uid.get(uid)
        if before is not None:
            self._replace(before, decided(successor(before, None, self.version + 1), decision))

    def decision(self, uid: str) -> TriageDecision | None:
        """The last decision on a finding."""
        return self._decisions.get(uid)

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
        """At most `limit` findings that `choose` accepts, newest first, from after the last mail and uid `before`."""
        chosen = choose(self._sorted)
        end = len(chosen) if before is None else bisect_left(chosen, before, key=_order)
        start = max(0, end - limit)
        return FindingPage(chosen[start:end][::-1], len(chosen), start > 0)

    def cases(self, choose: Choose, sort: Sort, user: str, before: Place | None, limit: int) -> CasePage:
        """At most `limit` cases of the findings that `choose` accepts, as a user sees them: those that have an open
        finding of theirs first. They come after the case whose lead is at the place `before`."""
        chosen = choose(self._worst_last()) if sort == "severity" else in_order(choose(self._sorted), sort)
        found: list[FindingCase] = []
        cases: dict[str, FindingCase] = {}
        for finding in self._from(chosen, choose, sort, user, before):
            case = cases.get(finding.case) or self.case(finding.case, choose, sort, user)
            cases[finding.case] = case
            if case.lead is finding:
                if len(found) == limit:
                    return CasePage(found, len(chosen), more=True)
                found.append(case)
        return CasePage(found, len(chosen), more=False)

    def case(self, case: str, choose: Choose, sort: Sort, user: str) -> FindingCase:
        """The findings of a case that `choose` accepts, in their order; none where there are none."""
        known = [self._by_uid[uid] for uid in self._uids_of(case) if uid in self._by_uid]
        if len(known) == 1:
            return FindingCase(choose(known))
        return FindingCase(sorted(choose(known), key=lambda each: place(each, sort, user), reverse=True))

    def chosen(self, choose: Choose) -> list[StoredFinding]:
        """The findings that `choose` accepts, oldest first."""
        return choose(self._sorted)

    def _from(
        self, chosen: list[StoredFinding], choose: Choose, sort: Sort, user: str, before: Place | None
    ) -> Iterator[StoredFinding]:
        """The findings after a place: first the user's, then all others."""
        order = ORDERS[sort]
        own = [each for uid in self._of_assignee.get(user, ()) if is_of(each := self._by_uid[uid], user)]
        for finding in sorted(choose(own), key=order, reverse=True):
            if before is None or place(finding, sort, user) < before:
                yield finding
        end = len(chosen) if before is None or before[0] else bisect_left(chosen, before[1:], key=order)
        for at in range(end - 1, -1, -1):
            if not is_of(chosen[at], user):
                yield chosen[at]

    def _worst_last(self) -> list[StoredFinding]:
        """All findings in the order of their severity, from lists that are kept so: it is the order of most pages."""
        return list(chain.from_iterable(self._by_severity[key] for key in sorted(self._by_severity)))

    def _lists_of(self, finding: StoredFinding) -> tuple[list[StoredFinding], list[StoredFinding]]:
        """The lists that the finding is in, each by the time of the last mail."""
        return self._sorted, self._by_severity.setdefault((finding.status.is_open, finding.severity), [])

    def _uids_of(self, case: str) -> tuple[str, ...]:
        """The uids of a case's findings; a finding without a sender may have been dropped."""
        kind, _, name = case.partition(":")
        if kind == "finding":
            return (name,)
        uids = self._of_sender.get(name, ())
        return (uids,) if isinstance(uids, str) else uids

    def _replace(self, before: StoredFinding | None, newest: StoredFinding) -> None:
        """Put a state in the place of the one before, as one change."""
        self.version = newest.version
        if before is not None:
            self._remove(before)
        self._by_uid[newest.uid] = newest
        for findings in self._lists_of(newest):
            insort(findings, newest, key=_order)
        if before is None and newest.sender is not None:
            others = self._uids_of(newest.case)
            self._of_sender[newest.sender] = (*others, newest.uid) if others else newest.uid
        if newest.assignee is not None:
            self._of_assignee.setdefault(newest.assignee, set()).add(newest.uid)
        self._count(newest, 1)
        self._changes.append(FindingChange(self.version, newest.uid, before))

    def _remove(self, finding: StoredFinding) -> None:
        for findings in self._lists_of(finding):
            del findings[bisect_left(findings, _order(finding), key=_order)]
        if finding.assignee is not None:
            self._of_assignee[finding.assignee].discard(finding.uid)
            if not self._of_assignee[finding.assignee]:
                del self._of_assignee[finding.assignee]
        self._count(finding, -1)

    def _drop(self) -> None:
        excess = len(self._sorted) - self._limit
        for finding in self._sorted[:excess]:
            self._remove(finding)
            del self._by_uid[finding.uid]
            if finding.sender is not None:
                left = tuple(uid for uid in self._uids_of(finding.case) if uid != finding.uid)
                if left:
                    self._of_sender[finding.sender] = left
                else:
                    del self._of_sender[finding.sender]
        self.dropped += excess

    def _count(self, finding: StoredFinding, by: int) -> None:
        counted: tuple[tuple[Counter[Any], Any], ...] = (
            (self.severities, finding.severity),
            *(((self.open_severities, finding.severity),) if finding.status.is_open else ()),
            (self.slips, finding.slip),
            (self.rules, finding.rule),
        )
        for counter, value in counted:
            counter[value] += by
            if not counter[value]:
                del counter[value]
