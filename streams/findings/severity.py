"""The severity of a finding: the level of its peak, raised by its groups, labels and listed domains."""

from collections.abc import Iterable

from streams.domains.watchlist.watchlist import Group
from streams.events.mistaken_domain import MistakenDomain
from streams.findings.peak import Peaks
from streams.findings.rules import FindingPolicy, Rule
from streams.findings.store.names import WindowNames
from streams.findings.store.tally import Tally
from streams.severity import Severity


def severity(rule: Rule, policy: FindingPolicy, tally: Tally, names: WindowNames, peaks: Peaks) -> Severity | None:
    """The highest of the level and all floors; informational if nothing was delivered; None below the lowest level.

    Mail that was refused raises neither the level nor the severity of a group: whoever can connect to a mail server can
    have any number of mails refused. What the gate asked about raises nothing at all: where there is no other mail, as
    many questions as the lowest level make the finding informational.
    """
    if rule.level(peaks.of_all) is None:
        return None if rule.level(len(tally.asked.units)) is None else Severity.INFORMATIONAL
    if tally.is_undelivered():
        return Severity.INFORMATIONAL
    level = rule.level(peaks.of_accepted) or Severity.INFORMATIONAL
    accepted = tally.accepted_domains()
    reached = [domain for digest, domain in names.domains.items() if digest in accepted]
    floors = [level, *(floor for floor in group_floors(policy, reached) if floor)]
    if any(domain.listed and digest in tally.delivered_domains for digest, domain in names.domains.items()):
        floors.append(Severity.MEDIUM)
    return Severity(max(*floors, label_floor(policy, names)))


def label_floor(policy: FindingPolicy, names: WindowNames) -> int:
    """The highest minimum severity of the labels; 0 if none has one."""
    return max((policy.label_floor(label) for label in names.labels), default=0)


def group_floors(policy: FindingPolicy, domains: Iterable[MistakenDomain]) -> list[Severity | None]:
    """The minimum severity of each group of the intended domains, None for a group without one."""
    return [policy.groups[group].severity for domain in domains for group in domain.groups if group in policy.groups]


def worst_group(policy: FindingPolicy, domains: Iterable[MistakenDomain]) -> Group:
    """The group whose owner the alert names: that with the highest minimum severity, the first by name among equals."""
    names = {group for domain in domains for group in domain.groups if group in policy.groups}
    worst = min(names, key=lambda name: (-(policy.groups[name].severity or 0), name), default=None)
    return policy.groups[worst] if worst is not None else Group()
