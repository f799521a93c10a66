"""Alerts: one published state of a finding as an OCSF 1.5.0 Detection Finding, in JSON; `alert_layout` has its fields.

An alert is a pure function of the state, so the same state gives the same bytes. `metadata.uid` is a digest of
everything else, so no two different alerts share one.
"""

import hashlib
import re
from operator import attrgetter

import msgspec
from msgspec import UNSET, structs

from streams.events import alert_layout as layout
from streams.events import alert_words
from streams.events.dns_facts import DnsFacts, in_words
from streams.events.finding import ACTIVITIES, CLOSE, CREATE, Evidence, FindingState
from streams.events.mistaken_domain import MistakenDomain
from streams.severity import Severity

_NEW = (1, "New")
_SUPPRESSED = (3, "Suppressed")
_NOT_KNOWN = (0, "Unknown")
_HIGH = (3, "High")
_MEDIUM = (2, "Medium")
_NO_CONFIDENCE = (0, "Unknown")
DOMAINS_OBSERVED = 20

_CLASSIFICATION = {
    activity: (
        activity,
        word.capitalize(),
        2,
        "Findings",
        layout.CLASS_UID,
        "Detection Finding",
        layout.CLASS_UID * 100 + activity,
        f"Detection Finding: {word.capitalize()}",
    )
    for activity, word in ACTIVITIES.items()
}
"""The fields of OCSF from the activity to the type, by activity."""
_SEVERITIES = ("", *(severity.caption for severity in Severity))
"""By number."""
_PROFILES = (layout.ACTOR_PROFILE,)

# OCSF's email_t: a masked or internationalised address that does not match it would make the alert invalid.
_is_address = re.compile(r"[a-zA-Z0-9!#$%&'*+\-/=?^_`{|}~.]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9-.]+").fullmatch
_score, _intended = attrgetter("score"), attrgetter("intended")
_encode = msgspec.json.Encoder().encode


class Alert(msgspec.Struct, frozen=True):
    """An alert to send: `uid` is that of the finding and the Kafka key, `value` the bytes; the rest is for metrics.

    `repeated` means that the same bytes may have been sent before.
    """

    uid: str
    value: bytes
    rule: str
    severity: Severity
    activity: str
    repeated: bool = False


def alert_of(state: FindingState, *, repeated: bool = False) -> Alert:
    """The alert that publishes this state."""
    return Alert(
        state.uid, encode_alert(state), state.rule, state.severity, ACTIVITIES[state.activity], repeated=repeated
    )


def encode_alert(state: FindingState) -> bytes:
    """The state as an OCSF Detection Finding."""
    title = alert_words.title(state)
    surest = max(state.domains, key=_score, default=None)
    head, tail = _encode(_head(state, title, surest)), _encode(_tail(state, title, surest))
    before_uid, after_uid = head[: -len("}}")], b"}," + tail[len("{") :]
    digest = hashlib.blake2b(before_uid, digest_size=16)
    digest.update(after_uid)
    return b"".join((before_uid, b',"uid":"', digest.hexdigest().encode(), b'"', after_uid))


def _head(state: FindingState, title: str, surest: MistakenDomain | None) -> layout.AlertHead:
    return layout.AlertHead(
        state.time_ms,
        title,
        state.severity,
        _SEVERITIES[state.severity],
        state.is_alert,
        *_CLASSIFICATION[state.activity],
        *_status(state),
        round(100 * surest.score) if surest else 0,
        *_confidence(surest),
        state.count,
        state.start_ms,
        state.end_ms,
        layout.AlertMetadata(
            sequence=state.sequence,
            correlation_uid=state.correlation_uid,
            profiles=_PROFILES if state.sender else UNSET,
        ),
    )


def _status(state: FindingState) -> tuple[int, str]:
    """Unknown on an update: whoever works on the finding may have decided on it since."""
    if state.activity == CLOSE:
        return _SUPPRESSED
    return _NEW if state.activity == CREATE or state.reopened else _NOT_KNOWN


def _confidence(surest: MistakenDomain | None) -> tuple[int, str]:
    """High where the surest domain is a certain mistake, medium where it may be one."""
    if surest is None:
        return _NO_CONFIDENCE
    return _HIGH if surest.certain else _MEDIUM


def _tail(state: FindingState, title: str, surest: MistakenDomain | None) -> layout.AlertTail:
    observed = state.domains[:DOMAINS_OBSERVED]
    return layout.AlertTail(
        finding_info=_finding_info(state, title),
        observables=_observables(state.sender, observed),
        remediation=layout.Remediation(alert_words.remediation(state)),
        unmapped=layout.Unmapped(_straymail_fields(state, surest)),
        actor=layout.Actor(_user(state.sender)) if state.sender else None,
        enrichments=[_enrichment(domain.domain, domain.dns) for domain in observed if domain.dns is not None] or None,
        evidences=[_evidence(evidence) for evidence in state.evidences] or None,
    )


def _finding_info(state: FindingState, title: str) -> layout.FindingInfo:
    return layout.FindingInfo(
        uid=state.uid,
        title=title,
        desc=alert_words.description(state),
        first_seen_time=state.first_seen_ms,
        last_seen_time=state.last_seen_ms,
        created_time=state.created_ms,
        analytic=layout.Analytic(state.rule),
    )


def _observables(sender: str | None, domains: list[MistakenDomain]) -> list[layout.Observable]:
    observables = [layout.Observable(layout.SENDER_FIELD, 5, "Email Address", sender)] if sender else []
    for domain in domains:
        observables.append(layout.Observable(layout.DOMAIN_FIELD, 1, "Hostname", domain.domain))
    for intended in dict.fromkeys(map(_intended, domains)):
        observables.append(layout.Observable(layout.INTENDED_FIELD, 1, "Hostname", intended))
    return observables


def _straymail_fields(state: FindingState, surest: MistakenDomain | None) -> layout.StraymailFields:
    return layout.StraymailFields(
        state.rule,
        state.group_by,
        state.counts,
        UNSET if state.sender is None else state.sender,
        state.peak,
        state.count_is_minimum,
        state.delivered_count,
        state.window,
        surest.slip if surest else UNSET,
        surest.explanation if surest else UNSET,
        state.domains,
        state.domain_count,
        state.labels,
        owner=state.owner,
        runbook_url=state.runbook_url,
        late=state.late,
        evidences_left_out=state.evidences_left_out,
        asked_count=state.asked_count,
        confirmed_count=state.confirmed_count,
        corrected_count=state.corrected_count,
    )


def _user(sender: str) -> layout.User:
    return layout.User(sender, sender if _is_address(sender) else None)


def _enrichment(domain: str, facts: DnsFacts) -> layout.Enrichment:
    return layout.Enrichment(value=domain, data=facts, desc=in_words(domain, facts), created_time=facts.asked)


def _evidence(evidence: Evidence) -> layout.AlertEvidence:
    """Addresses that OCSF's email_t rejects go to the mailbox fields; if none is left, the mail is plain data."""
    has_sender = _is_address(evidence.sender) is not None
    addresses: list[str] = []
    others: list[str] = []
    for recipient in evidence.recipients:
        (addresses if _is_address(recipient) else others).append(recipient)
    email = layout.EvidenceEmail(
        evidence.sender if has_sender else None,
        None if has_sender else evidence.sender,
        addresses or None,
        others or None,
        evidence.message_id,
        evidence.size,
        evidence.subject,
    )
    time_ms = UNSET if evidence.delivery is None else evidence.time_ms
    if not has_sender and not addresses:
        everything = (*structs.astuple(email), time_ms, evidence.delivery, evidence.asked)
        return layout.AlertEvidence(data=layout.EvidenceData(*everything))
    if evidence.delivery is None and evidence.asked is None:
        return layout.AlertEvidence(email)
    return layout.AlertEvidence(
        email, layout.EvidenceData(time=time_ms, delivery=evidence.delivery, asked=evidence.asked)
    )
