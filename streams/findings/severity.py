"""How bad a finding is."""

from collections.abc import Iterable

from streams.domains.watchlist.watchlist import Group
from streams.events.mistaken_domain import MistakenDomain
from streams.findings.rules import FindingPolicy, Rule
from streams.findings.store.names import WindowNames
from streams.findings.store.tally import Tally
from streams.severity import Severity


def severity(rule: Rule, policy: FindingPolicy, tally: Tally, names: WindowNames, peak: int) -> Severity | None:
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


def marking(policy: FindingPolicy, names: WindowNames) -> int:
    """The least severity that the labels ask for; 0 where they ask for none."""
    return max((policy.marking(label) for label in names.labels), default=0)


def group_floors(policy: FindingPolicy, domains: Iterable[MistakenDomain]) -> list[Severity | None]:
    """The least severity of each group that was meant."""
    return [policy.groups[group].severity for domain in domains for group in domain.groups if group in policy.groups]


def worst_group(policy: FindingPolicy, domains: Iterable[MistakenDomain]) -> Group:
    """The group whose people are told: the one with the highest least severity, the first by name among equals."""
    names = {group for domain in domains for group in domain.groups if group in policy.groups}
    worst = min(names, key=lambda name: (-(policy.groups[name].severity or 0), name), default=None)
    return policy.groups[worst] if worst is not None else Group()
