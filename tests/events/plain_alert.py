"""An alert's fields as plain dicts, dumped by another encoder: what its bytes must be."""

import hashlib
import re
from typing import Any

import msgspec
import orjson

from streams import __version__
from streams.events import alert_words
from streams.events.dns_facts import DnsFacts, in_words
from streams.events.finding import ACTIVITIES, CLOSE, CREATE, Evidence, FindingState
from streams.events.mistaken_domain import MistakenDomain

OCSF_VERSION = "1.5.0"
CLASS_UID = 2004
_CLASSIFICATION = {
    activity: {
        "activity_id": activity,
        "activity_name": word.capitalize(),
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": CLASS_UID,
        "class_name": "Detection Finding",
        "type_uid": CLASS_UID * 100 + activity,
        "type_name": f"Detection Finding: {word.capitalize()}",
    }
    for activity, word in ACTIVITIES.items()
}
_NEW = {"status_id": 1, "status": "New"}
_SUPPRESSED = {"status_id": 3, "status": "Suppressed"}
_NOT_KNOWN = {"status_id": 0, "status": "Unknown"}
_HIGH = {"confidence_id": 3, "confidence": "High"}
_MEDIUM = {"confidence_id": 2, "confidence": "Medium"}
_NO_CONFIDENCE = {"confidence_id": 0, "confidence": "Unknown"}
ACTOR_PROFILE = "host"
"""The profile of OCSF that has `actor`."""
HOSTNAME, EMAIL_ADDRESS = 1, 5
DOMAINS_OBSERVED = 20
DOMAIN_FIELD = "unmapped.straymail.domains[].domain"
"""The attribute to which an enrichment pertains."""

# OCSF's email_t: a masked or internationalised address that does not match it would make the alert invalid.
_EMAIL = re.compile(r"[a-zA-Z0-9!#$%&'*+\-/=?^_`{|}~.]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9-.]+")


def plain_alert(state: FindingState) -> bytes:
    """The alert of a state."""
    body = _body(state)
    body["metadata"]["uid"] = hashlib.blake2b(orjson.dumps(body), digest_size=16).hexdigest()
    return orjson.dumps(body)


def _body(state: FindingState) -> dict[str, Any]:
    title = alert_words.title(state)
    surest = max(state.domains, key=lambda domain: domain.score, default=None)
    body: dict[str, Any] = {
        "time": state.time_ms,
        "message": title,
        "severity_id": int(state.severity),
        "severity": state.severity.caption,
        "is_alert": state.is_alert,
        **_CLASSIFICATION[state.activity],
        **_status(state),
        "confidence_score": round(100 * surest.score) if surest else 0,
        **_confidence(surest),
        "count": state.count,
        "start_time": state.start_ms,
        "end_time": state.end_ms,
        "metadata": _metadata(state),
        "finding_info": _finding_info(state, title),
        "observables": _observables(state),
        "remediation": {"desc": alert_words.remediation(state)},
        "unmapped": {"straymail": _unmapped(state, surest)},
    }
    if state.sender:
        body["metadata"]["profiles"] = [ACTOR_PROFILE]
        body["actor"] = {"user": _user(state.sender)}
    asked = [(domain.domain, domain.dns) for domain in state.domains[:DOMAINS_OBSERVED] if domain.dns is not None]
    if asked:
        body["enrichments"] = [_enrichment(domain, facts) for domain, facts in asked]
    if state.evidences:
        body["evidences"] = [_evidence(evidence) for evidence in state.evidences]
    return body


def _status(state: FindingState) -> dict[str, Any]:
    """Unknown on an update: whoever works on the finding may have decided on it since."""
    if state.activity == CLOSE:
        return _SUPPRESSED
    return _NEW if state.activity == CREATE or state.reopened else _NOT_KNOWN


def _confidence(surest: MistakenDomain | None) -> dict[str, Any]:
    """High where the surest domain is a certain mistake, medium where it may be one."""
    if surest is None:
        return _NO_CONFIDENCE
    return _HIGH if surest.certain else _MEDIUM


def _metadata(state: FindingState) -> dict[str, Any]:
    return {
        "version": OCSF_VERSION,
        "product": {"name": "straymail", "vendor_name": "straymail", "version": __version__},
        "sequence": state.sequence,
        "correlation_uid": state.correlation_uid,
    }


def _finding_info(state: FindingState, title: str) -> dict[str, Any]:
    return {
        "uid": state.uid,
        "title": title,
        "desc": alert_words.description(state),
        "first_seen_time": state.first_seen_ms,
        "last_seen_time": state.last_seen_ms,
        "created_time": state.created_ms,
        "analytic": {"name": state.rule, "type_id": 1, "type": "Rule"},
    }


def _user(sender: str) -> dict[str, str]:
    return {"name": sender, "email_addr": sender} if _is_address(sender) else {"name": sender}


def _is_address(text: str) -> bool:
    """Whether OCSF takes the text for an address; a sender is in an alert more than once, and in many of them."""
    return _EMAIL.fullmatch(text) is not None


def _evidence(evidence: Evidence) -> dict[str, Any]:
    """Addresses that OCSF's email_t rejects go to the mailbox fields; if none is left, the mail is plain data. OCSF's
    email has no field for the time and the delivery status."""
    sender_is_address = _is_address(evidence.sender)
    addresses = [recipient for recipient in evidence.recipients if _is_address(recipient)]
    others = [recipient for recipient in evidence.recipients if not _is_address(recipient)]
    email: dict[str, Any] = {"from" if sender_is_address else "from_mailbox": evidence.sender}
    email.update({"to": addresses} if addresses else {}, **({"to_mailboxes": others} if others else {}))
    details = {"message_uid": evidence.message_id, "size": evidence.size, "subject": evidence.subject}
    email.update({name: value for name, value in details.items() if value is not None})
    data = {"time": evidence.time_ms, "delivery": evidence.delivery} if evidence.delivery is not None else {}
    if evidence.asked is not None:
        data["asked"] = evidence.asked
    if not sender_is_address and not addresses:
        return {"data": {**email, **data}}
    return {"email": email, "data": data} if data else {"email": email}


def _enrichment(domain: str, facts: DnsFacts) -> dict[str, Any]:
    """What DNS says of a mistaken domain, as data and in words."""
    return {
        "name": DOMAIN_FIELD,
        "value": domain,
        "type": "dns",
        "provider": "DNS",
        "data": msgspec.to_builtins(facts),
        "desc": in_words(domain, facts),
        "created_time": facts.asked,
    }


def _observables(state: FindingState) -> list[dict[str, Any]]:
    domains = state.domains[:DOMAINS_OBSERVED]
    observables = [_observable("sender", EMAIL_ADDRESS, "Email Address", state.sender)] if state.sender else []
    observables += [_observable("domains[].domain", HOSTNAME, "Hostname", domain.domain) for domain in domains]
    intended = dict.fromkeys(domain.intended for domain in domains)
    return observables + [_observable("domains[].intended", HOSTNAME, "Hostname", name) for name in intended]


def _observable(field: str, type_id: int, caption: str, value: str) -> dict[str, Any]:
    return {"name": f"unmapped.straymail.{field}", "type_id": type_id, "type": caption, "value": value}


def _unmapped(state: FindingState, surest: MistakenDomain | None) -> dict[str, Any]:
    unmapped: dict[str, Any] = {
        "rule": state.rule,
        "group_by": state.group_by,
        "counts": state.counts,
        "sender": state.sender,
        "peak": state.peak,
        "count_is_minimum": state.count_is_minimum,
        "delivered_count": state.delivered_count,
        "window_state": state.window,
        "slip": surest.slip if surest else None,
        "explanation": surest.explanation if surest else None,
        "domains": [_domain(domain) for domain in state.domains],
        "domain_count": state.domain_count,
        "labels": state.labels,
        "owner": state.owner,
        "runbook_url": state.runbook_url,
        "late": state.late or None,
        "evidences_left_out": state.evidences_left_out or None,
        "asked_count": state.asked_count or None,
        "confirmed_count": state.confirmed_count or None,
        "corrected_count": state.corrected_count or None,
    }
    return {name: value for name, value in unmapped.items() if value is not None}


def _domain(domain: MistakenDomain) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(domain)
    return fields
