"""Compares the verdicts of two detectors, such as those of two watchlists, on the same mail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from streams.detection.detector import Detector
from streams.detection.own_mail import OwnMail
from streams.detection.score_events import Slip, score_events
from streams.domains.verdict import Verdict
from streams.events.mail import MailEvent, encode

BATCH = 2_000

Change = Literal["gained", "lost", "changed"]


@dataclass(slots=True)
class Difference:
    """A domain that only one detector flags, or for which the verdicts differ. `mails` counts events."""

    domain: str
    change: Change
    old: Verdict | None
    new: Verdict | None
    mails: int = 0
    senders: set[int] = field(default_factory=set)


def differences(
    events: Iterable[MailEvent], before: Detector, after: Detector, is_own_mail: OwnMail
) -> list[Difference]:
    """All differences that appear in these events, those with the most mails first."""
    found: dict[tuple[str, Change], Difference] = {}
    remaining = iter(events)
    while values := [encode(event) for event in islice(remaining, BATCH)]:
        slips = [score_events(values, detector, is_own_mail, now_ms=None).slips for detector in (before, after)]
        was, now = ({slip.at: slip for slip in part} for part in slips)
        for at in sorted(was.keys() | now.keys()):
            _compare(found, was.get(at), now.get(at))
    return sorted(found.values(), key=lambda one: (-one.mails, one.domain, one.change))


def _compare(found: dict[tuple[str, Change], Difference], old: Slip | None, new: Slip | None) -> None:
    """Compare the results for one event; None if a detector flags none of its domains."""
    slip = new or old
    if slip is not None:
        before, after = _verdicts(old), _verdicts(new)
        for domain in before.keys() | after.keys():
            _record(found, slip.event, before.get(domain), after.get(domain))


def _verdicts(slip: Slip | None) -> dict[str, Verdict]:
    return {domain: typo.verdict for domain, typo in slip.typos.items()} if slip else {}


def _record(
    found: dict[tuple[str, Change], Difference], event: MailEvent, old: Verdict | None, new: Verdict | None
) -> None:
    flagged = new or old
    if flagged is None or (old is not None and new is not None and _same(old, new)):
        return
    change: Change = "gained" if old is None else "lost" if new is None else "changed"
    difference = found.setdefault((flagged.domain, change), Difference(flagged.domain, change, old, new))
    difference.mails += 1
    difference.senders.add(hash(event.sender))


def _same(old: Verdict, new: Verdict) -> bool:
    return (old.intended, old.certain) == (new.intended, new.certain)
