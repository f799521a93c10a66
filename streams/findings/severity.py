"""How bad a finding is, and whether what changed is worth an alert."""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from streams.events.finding import CLOSE, CREATE, FINAL, UPDATE, MistakenDomain
from streams.events.severity import Severity
from streams.findings.rules import Group, Policy, Rule
from streams.findings.store.names import Names
from streams.findings.store.tally import Tally


class Published(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered of the alert that a finding sent last."""

    sequence: int
    activity: int
    severity: Severity
    count: int
    peak: int
    delivered_count: int
    domain_count: int
    marking: int
    count_is_minimum: bool
    window: str
    created_ms: int
    time_ms: int


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


def present(rule: Rule, policy: Policy, tally: Tally, names: Names, peak: int, window: str) -> Present:
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


def severity(rule: Rule, policy: Policy, tally: Tally, names: Names, peak: int) -> Severity | None:
    """The highest of the level and all floors; informational where nothing was delivered; None without a level."""
    level = rule.level(peak)
    if level is None:
        return None
    if tally.is_undelivered():
        return Severity.INFORMATIONAL
    floors = [level, *(floor for floor in group_floors(policy, names.domains.values()) if floor)]
    if any(domain.listed and digest in tally.delivered_domains for digest, domain in names.domains.items()):
        floors.append(Severity.MEDIUM)
    return Severity(max(*floors, marking(policy, names)))


def marking(policy: Policy, names: Names) -> int:
    """The least severity that the labels ask for; 0 where they ask for none."""
    return max((policy.marking(label) for label in names.labels), default=0)


def group_floors(policy: Policy, domains: Iterable[MistakenDomain]) -> list[Severity | None]:
    """The least severity of each group that was meant."""
    return [policy.groups[group].severity for domain in domains for group in domain.groups if group in policy.groups]


def worst_group(policy: Policy, domains: Iterable[MistakenDomain]) -> Group:
    """The group whose people are told: the one with the highest least severity, the first by name among equals."""
    names = {group for domain in domains for group in domain.groups if group in policy.groups}
    worst = min(names, key=lambda name: (-(policy.groups[name].severity or 0), name), default=None)
    return policy.groups[worst] if worst is not None else Group()


def decide(last: Published | None, now: Present, *, lessened: bool = False) -> Decision | None:
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


def _is_news(last: Published, now: Present) -> bool:
    return (
        (now.delivered_count > 0 and last.delivered_count == 0)
        or now.domain_count > last.domain_count
        or now.marking > last.marking
        or now.count_is_minimum > last.count_is_minimum
    )


def _is_due(last: Published, now: Present) -> bool:
    """By number: at each power of two while the window is open, at its end, and at any change after it."""
    if last.window != FINAL:
        return now.window == FINAL or now.count.bit_length() > last.count.bit_length()
    told = (last.severity, last.count, last.peak, last.delivered_count)
    return told != (now.severity, now.count, now.peak, now.delivered_count)
