"""From what a person does with a finding to the decision that is stored."""

from __future__ import annotations

from typing import Literal, get_args

from streams.errors import UsageError
from streams.events.safe_text import clean
from streams.triage.decision import LONGEST_NOTE, LONGEST_USER, SeenFinding, TriageDecision
from streams.triage.status import TriageStatus

TriageAction = Literal["acknowledge", "assign", "resolve", "false-alarm", "reopen"]
ACTIONS: tuple[TriageAction, ...] = get_args(TriageAction)
LEADS_TO: dict[TriageAction, TriageStatus] = {
    "acknowledge": TriageStatus.IN_PROGRESS,
    "assign": TriageStatus.IN_PROGRESS,
    "resolve": TriageStatus.RESOLVED,
    "false-alarm": TriageStatus.SUPPRESSED,
    "reopen": TriageStatus.NEW,
}


def decide(
    action: TriageAction,
    finding: SeenFinding,
    before: TriageDecision | None,
    *,
    user: str,
    now_ms: int,
    assignee: str = "",
    note: str = "",
) -> TriageDecision:
    """The decision of `user` on a finding as they see it, after the one `before`.

    Who acknowledges a finding is its assignee; `assign` names somebody else; who closes one that nobody has is its
    assignee too, and nobody has one that is reopened by hand. Without a new note the former one stays. Raises
    UsageError for a text that is too long or missing.
    """
    status = LEADS_TO[action]
    former = before.assignee if before is not None else None
    user = _line(user, LONGEST_USER, "the user's name")
    if action == "assign":
        holder: str | None = _line(assignee, LONGEST_USER, "the assignee")
    elif action == "reopen":
        holder = None
    else:
        holder = user if action == "acknowledge" else former or user
    text = _line(note, LONGEST_NOTE, "the note") if note.strip() else before.comment if before is not None else ""
    return TriageDecision(
        finding_uid=finding.uid,
        time=now_ms,
        user=user,
        status_id=status,
        count=finding.count,
        last_seen_time=finding.last_seen_ms,
        domain_count=finding.domain_count,
        assignee=holder,
        comment=text,
        status=status.caption,
    )


def _line(text: str, longest: int, what: str) -> str:
    """The text in one line without unsafe characters. Raises UsageError."""
    line = clean(" ".join(text.split()))
    if not line:
        raise UsageError(f"{what} is empty")
    if len(line) > longest:
        raise UsageError(f"{what} has {len(line)} characters, and {longest} are possible")
    return line
