"""Parses query strings, which may be hostile: filters, order, page size and position in the list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from streams.console.finding_order import SORTS, Place, Sort, place
from streams.console.stored_finding import StoredFinding
from streams.durations import since_ms
from streams.events.safe_text import clean
from streams.severity import SEVERITIES
from streams.triage.status import TriageStatus

MAX_LENGTH = 320
"""Characters of the longest address; no filter is longer."""
PAGE, MAX_PAGE = 100, 500
OPEN = "open"
STATUSES: dict[str, frozenset[TriageStatus]] = {
    OPEN: frozenset(status for status in TriageStatus if status.is_open),
    **{status.word: frozenset({status}) for status in TriageStatus},
}
"""The statuses that each word of the filter stands for."""


NAMES = ("severity", "rule", "domain", "sender", "slip", "since", "until", "status", "assignee", "case")
"""The filters of a query string."""


class BadQueryError(Exception):
    """The query can't be parsed; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which findings are wanted; an empty field matches all.

    `severity` is the lowest one; `domain` is part of the mistaken or of the intended domain, `sender` part of the
    sender, both in lower case; `since_ms` is the earliest time of the last mail, `until_ms` the time before which the
    first one was, in integer ms since the epoch. `status` is a word of STATUSES; `assignee` and `case` are whole.
    Texts are cleaned, as those of findings are: what the page shows can be searched for.
    """

    severity: int = 0
    rule: str = ""
    domain: str = ""
    sender: str = ""
    slip: str = ""
    since_ms: int = 0
    until_ms: int = 0
    status: str = ""
    assignee: str = ""
    case: str = ""

    def matches(self, finding: StoredFinding) -> bool:
        """Whether the finding matches."""
        return bool(self.choose([finding]))

    def choose(self, findings: list[StoredFinding]) -> list[StoredFinding]:
        """The findings that match, in the same order. It takes milliseconds per condition for a hundred thousand."""
        if severity := self.severity:
            findings = [each for each in findings if each.severity >= severity]
        if since_ms := self.since_ms:
            findings = [each for each in findings if each.last_seen_ms >= since_ms]
        if until_ms := self.until_ms:
            findings = [each for each in findings if each.first_seen_ms < until_ms]
        if self.rule or self.status or self.assignee or self.case:
            findings = self._choose_whole(findings)
        if slip := self.slip:
            findings = [each for each in findings if each.slip == slip]
        if domain := self.domain:
            findings = [each for each in findings if domain in each.domain or domain in each.intended]
        if sender := self.sender:
            findings = [each for each in findings if each.sender is not None and sender in each.sender]
        return findings

    def _choose_whole(self, findings: list[StoredFinding]) -> list[StoredFinding]:
        if rule := self.rule:
            findings = [each for each in findings if each.rule == rule]
        if self.status:
            statuses = STATUSES[self.status]
            findings = [each for each in findings if each.status in statuses]
        if assignee := self.assignee:
            findings = [each for each in findings if each.assignee == assignee]
        if case := self.case:
            findings = [each for each in findings if each.case == case]
        return findings


def read_filter(query: Mapping[str, str], now_ms: int) -> Filter:
    """The filter in a query string. Raises BadQueryError."""
    texts = {name: _text(query, name) for name in NAMES}
    if texts["status"] and texts["status"] not in STATUSES:
        raise BadQueryError(f"status must be one of {', '.join(STATUSES)}.")
    if texts["severity"] and texts["severity"] not in SEVERITIES:
        raise BadQueryError(f"severity must be one of {', '.join(SEVERITIES)}.")
    return Filter(
        severity=int(SEVERITIES[texts["severity"]]) if texts["severity"] else 0,
        rule=texts["rule"],
        domain=texts["domain"].lower(),
        sender=texts["sender"].lower(),
        slip=texts["slip"],
        since_ms=_time(texts, "since", now_ms),
        until_ms=_time(texts, "until", now_ms),
        status=texts["status"],
        assignee=texts["assignee"],
        case=texts["case"],
    )


def read_limit(query: Mapping[str, str]) -> int:
    """The number of findings that a page has. Raises BadQueryError."""
    text = query.get("limit", str(PAGE))
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= MAX_PAGE:
        raise BadQueryError(f"limit must be a number from 1 to {MAX_PAGE}.")
    return int(text)


def read_place(query: Mapping[str, str]) -> tuple[int, str] | None:
    """The time of the last mail (ms since the epoch) and the uid after which a page begins; None for the first one.
    Raises BadQueryError."""
    text = query.get("after", "")
    if not text:
        return None
    if not (place := re.fullmatch(r"(-?[0-9]{1,16})\.([A-Za-z0-9-]{1,64})", text)):
        raise BadQueryError("after must be the `next` of the previous page.")
    return int(place[1]), place[2]


def place_of(finding: StoredFinding) -> str:
    """The position after a finding, for `read_place`."""
    return f"{finding.last_seen_ms}.{finding.uid}"


def read_sort(query: Mapping[str, str]) -> Sort:
    """By what cases are sorted. Raises BadQueryError."""
    text = query.get("sort", SORTS[0])
    for sort in SORTS:
        if text == sort:
            return sort
    raise BadQueryError(f"sort must be one of {', '.join(SORTS)}.")


def read_case_place(query: Mapping[str, str]) -> Place | None:
    """The place after which a page of cases begins; None for the first one. Raises BadQueryError."""
    text = query.get("after", "")
    if not text:
        return None
    if not (found := re.fullmatch(r"([01])\.([01])\.([0-9]{1,16})\.(-?[0-9]{1,16})\.([A-Za-z0-9-]{1,64})", text)):
        raise BadQueryError("after must be the `next` of the previous page.")
    return found[1] == "1", found[2] == "1", int(found[3]), int(found[4]), found[5]


def case_place_of(lead: StoredFinding, sort: Sort, user: str) -> str:
    """The position after a case, for `read_case_place`."""
    is_own, is_open, *rest = place(lead, sort, user)
    return ".".join(map(str, (int(is_own), int(is_open), *rest)))


def _text(query: Mapping[str, str], name: str) -> str:
    text = query.get(name, "").strip()
    if len(text) > MAX_LENGTH:
        raise BadQueryError(f"{name} must have at most {MAX_LENGTH} characters.")
    return clean(text)


def _time(texts: Mapping[str, str], name: str, now_ms: int) -> int:
    if not texts[name]:
        return 0
    try:
        return since_ms(texts[name], now_ms)
    except (ValueError, OverflowError):
        raise BadQueryError(
            f"{name} must be a span such as 30m, 24h or 7d, or a time with its offset from UTC."
        ) from None
