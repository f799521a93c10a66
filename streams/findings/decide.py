"""Whether what changed in a finding is worth an alert."""

from dataclasses import dataclass

from streams.events.finding import CLOSE, CREATE, FINAL, UPDATE
from streams.findings.rules import FindingPolicy, Rule
from streams.findings.severity import marking, severity
from streams.findings.store.last_alert import LastAlert
from streams.findings.store.names import WindowNames
from streams.findings.store.tally import Tally
from streams.severity import Severity


@dataclass(frozen=True, slots=True)
class Present:
    """What a finding is now. `severity` is None where the rule's lowest level isn't reached."""

    severity: Severity | None
    count: int
    peak: int
    delivered_count: int
    domain_count: int
    marking: int
    count_is_minimum: bool
    window: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The alert to send."""

    activity: int
    is_alert: bool
    reopened: bool = False


def present(rule: Rule, policy: FindingPolicy, tally: Tally, names: WindowNames, peak: int, window: str) -> Present:
    """What a tally comes to, given its `peak` and how far its `window` is."""
    return Present(
        severity=severity(rule, policy, tally, names, peak),
        count=len(tally.units),
        peak=peak,
        delivered_count=len(tally.delivered),
        domain_count=len(tally.domains),
        marking=marking(policy, names),
        count_is_minimum=tally.refused,
        window=window,
    )


def decide(last: LastAlert | None, now: Present, *, lessened: bool = False) -> Decision | None:
    """The alert that a change is worth; `lessened` says that hits of allowed domains were taken out."""
    if last is None:
        if now.severity is None:
            return None
        return Decision(CREATE, is_alert=now.severity >= Severity.LOW)
    if now.severity is None:
        return Decision(CLOSE, is_alert=False) if lessened and last.activity != CLOSE else None
    if last.activity == CLOSE:
        return Decision(UPDATE, is_alert=now.severity >= Severity.LOW, reopened=True)
    rose = now.severity > last.severity
    if rose or lessened or _is_news(last, now) or _is_due(last, now):
        return Decision(UPDATE, is_alert=rose and now.severity >= Severity.LOW)
    return None


def _is_news(last: LastAlert, now: Present) -> bool:
    return (
        (now.delivered_count > 0 and last.delivered_count == 0)
        or now.domain_count > last.domain_count
        or now.marking > last.marking
        or now.count_is_minimum > last.count_is_minimum
    )


def _is_due(last: LastAlert, now: Present) -> bool:
    """By number: at each power of two while the window is open, at its end, and at any change after it."""
    if last.window != FINAL:
        return now.window == FINAL or now.count.bit_length() > last.count.bit_length()
    told = (last.severity, last.count, last.peak, last.delivered_count)
    return told != (now.severity, now.count, now.peak, now.delivered_count)
