"""The mails of a finding, merged from the hits that it counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from streams.events.alert_view import AlertView
from streams.events.asked import latest_outcome
from streams.events.delivery import Delivery, joined_delivery, latest_delivery
from streams.events.hit import RECIPIENTS_KEPT, HitKind, TypoHit


def of_finding(hit: TypoHit, finding: AlertView, hits_of_rule: Mapping[str, HitKind]) -> bool:
    """Whether the finding counted the hit; `hits_of_rule` are the kinds of hits that the rules count."""
    if not finding.start_ms <= hit.time < finding.end_ms or not hit.is_of_kind(hits_of_rule.get(finding.rule, "all")):
        return False
    return hit.sender == finding.sender if finding.group_by == "sender" else hit.domain == finding.domain


def mails_of(hits: Iterable[TypoHit]) -> list[TypoHit]:
    """One hit for each mail and mistaken domain, by time: the first, with all recipients and the best known status."""
    by_mail: dict[tuple[str, str], list[TypoHit]] = defaultdict(list)
    for hit in hits:
        by_mail[hit.mail, hit.domain].append(hit)
    return sorted(map(_joined, by_mail.values()), key=lambda hit: hit.time)


def _joined(hits: list[TypoHit]) -> TypoHit:
    recipients = sorted({recipient for hit in hits for recipient in hit.recipients})
    by_recipients: dict[tuple[str, ...], list[Delivery]] = defaultdict(list)
    for hit in hits:
        by_recipients[tuple(hit.recipients)].append(hit.delivery)
    return msgspec.structs.replace(
        min(hits, key=lambda hit: hit.time),
        recipients=recipients[:RECIPIENTS_KEPT],
        recipient_count=max(len(recipients), *(hit.recipient_count for hit in hits)),
        delivery=joined_delivery(latest_delivery(statuses) for statuses in by_recipients.values()),
        asked=latest_outcome(hit.asked for hit in hits if hit.asked is not None),
    )
