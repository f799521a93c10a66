"""Which mails the charts count: those of the findings that the page shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from streams.console.activity import HOUR_MS, MailName
from streams.console.query import Filter
from streams.console.stored_finding import StoredFinding

Accepts = Callable[[MailName, int], bool]
"""Whether a name counts in the hour that begins at a time, in ms since the epoch."""
Spans = dict[str, list[tuple[int, int]]]


def chart_filter(wanted: Filter, findings: Iterable[StoredFinding]) -> Accepts | None:
    """The filter of the charts; None where all mails count. What only findings have (severity, rule, status, who works
    on them) is looked up in `findings`, those that match."""
    of_names = _by_names(wanted)
    if not (wanted.severity or wanted.rule or wanted.status or wanted.assignee or wanted.case):
        return of_names if wanted.domain or wanted.sender or wanted.slip else None
    of_findings = _by_findings(findings)
    return lambda name, hour_ms: of_names(name, hour_ms) and of_findings(name, hour_ms)


def _by_names(wanted: Filter) -> Accepts:
    def accepts(name: MailName, _hour_ms: int) -> bool:
        return (
            (not wanted.slip or name.slip == wanted.slip)
            and (not wanted.domain or wanted.domain in name.domain or wanted.domain in name.intended)
            and (not wanted.sender or wanted.sender in name.sender)
        )

    return accepts


def _by_findings(findings: Iterable[StoredFinding]) -> Accepts:
    """The mails whose sender or mistaken domain has one of the findings at that time."""
    of_senders, of_domains = Spans(), Spans()
    for each in findings:
        span = (each.first_seen_ms // HOUR_MS * HOUR_MS, each.last_seen_ms)
        if each.sender is None:
            of_domains.setdefault(each.domain, []).append(span)
        else:
            of_senders.setdefault(each.sender, []).append(span)

    def accepts(name: MailName, hour_ms: int) -> bool:
        spans = (*of_senders.get(name.sender, ()), *of_domains.get(name.domain, ()))
        return any(first <= hour_ms <= last for first, last in spans)

    return accepts
