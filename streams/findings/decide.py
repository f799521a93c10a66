"""Decides whether a change of a finding is worth an alert."""

import msgspec

from streams.events.asked import NOTHING_ASKED, AskedCounts
from streams.events.finding import CLOSE, CREATE, FINAL, UPDATE
from streams.findings.peak import Peaks
from streams.findings.rules import FindingPolicy, Rule
from streams.findings.severity import label_floor, severity
from streams.findings.store.last_alert import LastAlert
from streams.findings.store.names import WindowNames
from streams.findings.store.tally import Tally
from streams.severity import Severity


class Assessment(msgspec.Struct, frozen=True):
    """The current figures of a finding. `severity` is None below the rule's lowest level; `accepted_peak` is the peak
    without mails that were refused, by which the severity goes. `hits` is the number of hits in the tally, `asked`
    counts the questions of the gate."""

    severity: Severity | None
    count: int
    peak: int
    delivered_count: int
    domain_count: int
    label_floor: int
    count_is_minimum: bool
    window: str
    accepted_peak: int
    hits: int = 0
    asked: AskedCounts = NOTHING_ASKED


class Decision(msgspec.Struct, frozen=True):
    """The kind of alert to send. `activity` is CREATE, UPDATE or CLOSE. `only_grew` is an update without any news."""

    activity: int
    is_alert: bool
    reopened: bool = False
    only_grew: bool = False


def assess(
    rule: Rule, policy: FindingPolicy, tally: Tally, names: WindowNames, peaks: Peaks, window: str
) -> Assessment:
    """The figures of a tally; `window` is open, late or final."""
    return Assessment(
        severity=severity(rule, policy, tally, names, peaks),
        count=len(tally.units),
        peak=peaks.of_all,
        delivered_count=len(tally.delivered),
        domain_count=len(tally.all_domains()),
        label_floor=label_floor(policy, names),
        count_is_minimum=tally.count_is_minimum,
        window=window,
        accepted_peak=peaks.of_accepted,
        hits=len(tally),
        asked=tally.asked.counts(),
    )


def decide(
    last: LastAlert | None, now: Assessment, *, hits_removed: bool = False, is_stale: bool = False
) -> Decision | None:
    """The alert that a change is worth; `hits_removed` means that hits of allowed domains were removed, `is_stale` that
    whatever has changed is to be published."""
    if last is None:
        if now.severity is None:
            return None
        return Decision(CREATE, is_alert=now.severity >= Severity.LOW)
    if now.severity is None:
        return Decision(CLOSE, is_alert=False) if hits_removed and last.activity != CLOSE else None
    if last.activity == CLOSE:
        return Decision(UPDATE, is_alert=now.severity >= Severity.LOW, reopened=True)
    rose = now.severity > last.severity
    if rose or hits_removed or _is_notable(last, now) or _is_count_due(last, now):
        return Decision(UPDATE, is_alert=rose and now.severity >= Severity.LOW)
    if is_stale and (last.hits not in (-1, now.hits) or _figures_differ(last, now)):
        return Decision(UPDATE, is_alert=False, only_grew=True)
    return None


def _is_notable(last: LastAlert, now: Assessment) -> bool:
    return (
        (now.delivered_count > 0 and last.delivered_count == 0)
        or now.domain_count > last.domain_count
        or now.label_floor > last.label_floor
        or now.count_is_minimum > last.count_is_minimum
    )


def _is_count_due(last: LastAlert, now: Assessment) -> bool:
    """Counts are published at each power of two while the window is open, when it becomes final, and at any change
    after that."""
    if last.window != FINAL:
        return now.window == FINAL or now.count.bit_length() > last.count.bit_length()
    return _figures_differ(last, now)


def _figures_differ(last: LastAlert, now: Assessment) -> bool:
    published = (last.severity, last.count, last.peak, last.delivered_count, last.asked)
    return published != (now.severity, now.count, now.peak, now.delivered_count, now.asked)
