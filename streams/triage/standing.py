"""How a finding stands, by the last decision on it and what has come since."""

from __future__ import annotations

from typing import NamedTuple

from streams.triage.decision import SeenFinding, TriageDecision
from streams.triage.status import TriageStatus


class Standing(NamedTuple):
    """The status now, and whether it was closed and later mail has opened it again."""

    status: TriageStatus
    is_reopened: bool = False


def standing(finding: SeenFinding, decision: TriageDecision | None) -> Standing:
    """How the finding stands. What was resolved is new again with its next mail; what was suppressed, as a false alarm,
    only with another mistaken domain, of which nobody has said that it is one."""
    if decision is None:
        return Standing(TriageStatus.NEW)
    has_mail = finding.count > decision.count or finding.last_seen_ms > decision.last_seen_time
    has_domain = finding.domain_count > decision.domain_count
    reopens = {TriageStatus.RESOLVED: has_mail or has_domain, TriageStatus.SUPPRESSED: has_domain}
    if reopens.get(decision.status_id, False):
        return Standing(TriageStatus.NEW, is_reopened=True)
    return Standing(decision.status_id)
