"""The severity of a finding: the level of its peak, raised by groups, labels and listed domains, bounded by groups."""

from collections.abc import Iterable

from streams.domains.watchlist.watchlist import Group
from streams.events.mistaken_domain import MistakenDomain
from streams.findings.peak import Peaks
from streams.findings.rules import FindingPolicy, Rule
from streams.findings.store.names import WindowNames
from streams.findings.store.tally import Tally
from streams.severity import Severity


def severity(rule: Rule, policy: FindingPolicy, tally: Tally, names: WindowNames, peaks: Peaks) -> Severity | None:
    """The highest of the level, of the floors of the domains' groups, and of medium for a delivered mail to a listed
    domain; at most what all of these groups allow; raised again to the floor of a label. Informational if nothing was
    delivered; None below the lowest level.

    Mail that was refused raises neither the level nor the severity of a group: whoever can connect to a mail server can
    have any number of mails refused. What the gate asked about raises nothing at all: where there is no other mail, as
    many questions as the lowest level make the finding informational.
    """
    if rule.level(peaks.of_all) is None:
        return None if rule.level(len(tally.asked.units)) is None else Severity.INFORMATIONAL
    if tally.is_undelivered():
        return Severity.INFORMATIONAL
    accepted, delivered = tally.accepted_domains(), tally.delivered_domains
    worst, at_most = rule.level(peaks.of_accepted) or Severity.INFORMATIONAL, None
    for digest, domain in names.domains.items():
        if digest in accepted:
            floor, bound = _floor_and_bound(policy, domain)
            worst, at_most = max(worst, floor), max(at_most or bound, bound)
        if domain.listed and digest in delivered:
            worst = max(worst, Severity.MEDIUM)
    return Severity(max(min(worst, at_most or Severity.CRITICAL), label_floor(policy, names)))


def label_floor(policy: FindingPolicy, names: WindowNames) -> int:
    """The highest minimum severity of the labels; 0 if none has one."""
    return max(map(policy.label_floor, names.labels), default=0)


def worst_group(policy: FindingPolicy, domains: Iterable[MistakenDomain]) -> Group:
    """The group whose owner the alert names: that with the highest minimum severity, the first by name among equals."""
    names = {name for domain in domains for name in _group_names(policy, domain)}
    worst = min(names, key=lambda name: (-(policy.groups[name].severity or 0), name), default=None)
    return policy.groups[worst] if worst is not None else Group()


def _group_names(policy: FindingPolicy, domain: MistakenDomain) -> tuple[str, ...]:
    """The groups that the watchlist gives the intended domain; where it gives none, that of the domain's class."""
    if domain.groups and (given := tuple(name for name in domain.groups if name in policy.groups)):
        return given
    name = policy.class_of(domain.intended)
    return (name,) if name is not None and name in policy.groups else ()


def _floor_and_bound(policy: FindingPolicy, domain: MistakenDomain) -> tuple[Severity, Severity]:
    """The highest minimum severity of the domain's groups, and the highest of what they allow; critical where one of
    them, or none, allows anything.

    The class of an intended domain raises nothing while the slip is doubtful: every name that is somewhat near would be
    as urgent as a slip.
    """
    floor, bound = Severity.INFORMATIONAL, None
    for name in _group_names(policy, domain):
        group = policy.groups[name]
        if group.severity is not None and (domain.certain or name in domain.groups):
            floor = max(floor, group.severity)
        allows = group.at_most or Severity.CRITICAL
        bound = max(bound or allows, allows)
    return floor, bound or Severity.CRITICAL
