"""A finding as the API returns it: in a list, as a row of the table with its case, or as a whole."""

from __future__ import annotations

from collections import Counter
from typing import Any

import orjson

from streams.console.advice import advice_of
from streams.console.finding_index import FindingCase
from streams.console.finding_order import is_of
from streams.console.store import ConsoleStore
from streams.console.stored_finding import StoredFinding
from streams.domains.diff import Piece, compare
from streams.events.alert_view import AlertView
from streams.events.hit import TypoHit
from streams.events.mistaken_domain import MistakenDomain
from streams.events.safe_text import clean, clean_values, readable_domain
from streams.severity import Severity

MAILS_SHOWN = 200
UIDS_SHOWN = 50
"""Open findings of a case that one decision from its row may be about."""


def row(finding: StoredFinding) -> dict[str, Any]:
    """A finding in a list. Its texts are cleaned, as those of the stored finding are, but not escaped for HTML."""
    return {
        "uid": finding.uid,
        "version": finding.version,
        "severity": Severity(finding.severity).word,
        "rule": finding.rule,
        "sender": finding.sender,
        "domain": finding.domain,
        "intended": finding.intended,
        "marks": marks(finding.domain, finding.intended),
        "slip": finding.slip,
        "other_domains": max(0, finding.domain_count - 1),
        "counts": finding.counts,
        "count": finding.count,
        "count_is_minimum": finding.count_is_minimum,
        "delivered_count": finding.delivered_count,
        "asked_count": finding.asked.asked,
        "confirmed_count": finding.asked.confirmed,
        "corrected_count": finding.asked.corrected,
        "first_seen_ms": finding.first_seen_ms,
        "last_seen_ms": finding.last_seen_ms,
        "state": finding.state,
        "status": finding.status.word,
        "is_reopened": finding.is_reopened,
        "assignee": None if finding.assignee is None else clean(finding.assignee),
        "case": finding.case,
    }


def case_row(case: FindingCase, user: str) -> dict[str, Any]:
    """A row of the table: the finding that is listed first, and how many the case has. What is open has a decision
    to come: at most UIDS_SHOWN uids."""
    return {
        **row(case.lead),
        "findings": len(case.findings),
        "is_own": is_of(case.lead, user),
        "open_uids": [each.uid for each in case.findings if each.status.is_open][:UIDS_SHOWN],
    }


def marks(domain: str, intended: str) -> dict[str, list[list[str]]]:
    """Both domains as pieces of text with their kind: same, extra, wrong, swapped or lost."""
    comparison = compare(readable_domain(domain), intended)
    return {"typed": _pieces(comparison.typed), "meant": _pieces(comparison.meant)}


def whole(finding: StoredFinding, store: ConsoleStore) -> dict[str, Any]:
    """A whole finding: its alert, its mails with their delivery status, what to do, and what was decided; and all
    findings of its case. All texts are cleaned, those of the alert too; the alert as it was published is in
    mail.alerts."""
    view = finding.view()
    case = store.findings.case(finding.case, list, "last", "").findings
    mails = store.hits.mails(view, store.inputs.hits_of_rule)
    left = [mail for mail in mails if mail.asked is None]
    deliveries: Counter[str] = Counter(mail.delivery for mail in left)
    return {
        **row(finding),
        **clean_values(_texts(view)),
        "decision": _decision(finding),
        "case_findings": [row(each) for each in case[:UIDS_SHOWN]],
        "case_count": len(case),
        "confidence": view.confidence,
        "peak": view.peak,
        "window": {"start_ms": view.start_ms, "end_ms": view.end_ms},
        "domains": [_domain(domain) for domain in view.domains],
        "mails": [clean_values(_mail(mail)) for mail in mails[-MAILS_SHOWN:][::-1]],
        "mails_known": len(mails),
        "evidences": clean_values(finding.all_evidences()[::-1]),
        "deliveries": dict(deliveries),
        "advice": [step.as_json() for step in advice_of(view, left, store.inputs.template, store.inputs.contact)],
        "alert": clean_values(orjson.loads(finding.alert_bytes())),
    }


def _decision(finding: StoredFinding) -> dict[str, Any] | None:
    decision = finding.decision
    if decision is None:
        return None
    return {
        "status": decision.status_id.word,
        "user": clean(decision.user),
        "time_ms": decision.time,
        "comment": clean(decision.comment),
    }


def _texts(view: AlertView) -> dict[str, Any]:
    return {
        "title": view.title,
        "description": view.description,
        "remediation": view.remediation,
        "explanation": view.explanation,
        "labels": list(view.labels),
        "owner": view.owner,
        "runbook_url": view.runbook_url,
    }


def _domain(domain: MistakenDomain) -> dict[str, Any]:
    fields = {
        "domain": domain.domain,
        "intended": domain.intended,
        "slip": domain.slip,
        "explanation": domain.explanation,
        "certain": domain.certain,
        "listed": domain.listed,
    }
    return {**clean_values(fields), "marks": marks(domain.domain, domain.intended)}


def _pieces(pieces: list[Piece]) -> list[list[str]]:
    return [[clean(piece.text), piece.kind] for piece in pieces]


def _mail(mail: TypoHit) -> dict[str, Any]:
    return {
        "time_ms": mail.time,
        "sender": mail.sender,
        "recipients": mail.recipients[:20],
        "recipient_count": mail.recipient_count,
        "delivery": mail.delivery,
        "asked": mail.asked,
        "message_id": mail.mail,
        "size": mail.size,
        "attachments": mail.attachment_count,
        "subject": mail.subject,
        "source": mail.source,
        "labels": mail.labels,
    }
