"""How bad a finding is, and whose it is."""

from typing import Any

import pytest

from streams.domains.watchlist.watchlist import Group
from streams.findings.peak import Peaks
from streams.findings.rules import FindingPolicy
from streams.findings.settings import FindingsSettings
from streams.findings.severity import severity, worst_group
from streams.findings.store.names import WindowNames
from streams.findings.store.tally import Tally
from streams.severity import Severity
from tests.findings.samples import hit
from tests.findings.store.test_tally import asked, entry

INFORMATIONAL, LOW, MEDIUM, HIGH, CRITICAL = Severity
RULES = FindingsSettings().policy().rules
POLICY = FindingPolicy(
    RULES,
    labels={"secret": HIGH},
    groups={"allies": Group(HIGH, "allies@x.org"), "own": Group(None, "own@x.org"), "zeal": Group(HIGH, "zeal@x.org")},
)


CLASSED = FindingPolicy(
    RULES,
    labels={"secret": HIGH},
    groups={"defence": Group(HIGH, "soc@x.org"), "free-mail": Group(at_most=MEDIUM), "plain": Group(LOW)},
    class_of={"army.mil": "defence", "gmail.com": "free-mail"}.get,
)
"""A policy with groups by class."""


def severity_of(
    *deliveries: str, labels: tuple[str, ...] = (), policy: FindingPolicy = POLICY, **given: Any
) -> Severity | None:
    """The severity by the rule for senders of one mail to one domain for each delivery status."""
    tally = Tally("mails")
    for number, delivery in enumerate(deliveries):
        tally.add(entry(hit=number, mail=number, domain=1, delivery=delivery), 100)
    names = WindowNames(None, {(1).to_bytes(4): hit(**given).mistaken_domain}, labels)
    accepted = len({unit for _, unit in tally.accepted_moments()})
    return severity(RULES[0], policy, tally, names, Peaks(len(deliveries), accepted))


@pytest.mark.parametrize(
    ("deliveries", "given", "expected"),
    [
        ([], {}, None),
        (["unknown"], {}, LOW),
        (["unknown"] * 3, {}, MEDIUM),
        (["rejected"] * 10 + ["delivered"], {}, LOW),
        (["rejected"] * 10 + ["deferred"] * 3, {}, MEDIUM),
        (["failed"] * 10 + ["delivered"], {}, HIGH),
        (["delivered"], {}, LOW),
        (["delivered"], {"listed": True}, MEDIUM),
        (["deferred"], {"listed": True}, LOW),
        (["delivered"] * 10, {"listed": True}, HIGH),
        (["unknown"], {"group": "allies"}, HIGH),
        (["unknown"], {"group": "own"}, LOW),
        (["unknown"], {"group": "removed from the watchlist"}, LOW),
        (["unknown"], {"labels": ("Secret",)}, HIGH),
        (["unknown"], {"labels": ("public",)}, LOW),
        (["failed", "rejected"], {}, INFORMATIONAL),
        (["failed"], {"group": "allies", "labels": ("Secret",)}, INFORMATIONAL),
        (["failed", "held"], {"group": "allies"}, HIGH),
    ],
)
def test_the_severity_is_the_highest_of_level_and_floors(
    deliveries: list[str], given: dict[str, Any], expected: Severity | None
) -> None:
    assert severity_of(*deliveries, **given) == expected


@pytest.mark.parametrize(
    ("deliveries", "given", "expected"),
    [
        (["unknown"], {}, HIGH),
        (["unknown"], {"certain": False}, LOW),
        (["failed"], {}, INFORMATIONAL),
        (["unknown"], {"group": "plain"}, LOW),
        (["unknown"], {"group": "removed from the watchlist"}, HIGH),
        (["unknown"], {"intended": "example.org"}, LOW),
        (["unknown"], {"intended": "gmail.com"}, LOW),
        (["delivered"] * 10, {"intended": "gmail.com"}, MEDIUM),
        (["delivered"] * 10, {"intended": "gmail.com", "certain": False}, MEDIUM),
        (["delivered"] * 10, {"intended": "gmail.com", "group": "plain"}, HIGH),
        (["delivered"], {"intended": "gmail.com", "listed": True}, MEDIUM),
        (["unknown"], {"intended": "gmail.com", "labels": ("secret",)}, HIGH),
    ],
)
def test_a_domain_without_a_group_has_that_of_its_class(
    deliveries: list[str], given: dict[str, Any], expected: Severity | None
) -> None:
    assert severity_of(*deliveries, policy=CLASSED, **given) == expected


def test_more_than_free_mail_is_not_bounded() -> None:
    tally = Tally("mails")
    for number in range(10):
        tally.add(entry(hit=number, mail=number, domain=1 + number % 2, delivery="unknown"), 100)
    for meant, expected in (("example.org", HIGH), ("gmail.com", MEDIUM)):
        domains = [hit(intended="gmail.com").mistaken_domain, hit(domain="x.ml", intended=meant).mistaken_domain]
        names = WindowNames(None, {number.to_bytes(4): domain for number, domain in enumerate(domains, 1)})
        assert severity(RULES[0], CLASSED, tally, names, Peaks(10, 10)) == expected


def test_the_owner_of_a_class_is_named() -> None:
    assert worst_group(CLASSED, [hit().mistaken_domain]).owner == "soc@x.org"


@pytest.mark.parametrize(
    ("groups", "owner"),
    [
        ([], None),
        (["own"], "own@x.org"),
        (["own", "zeal"], "zeal@x.org"),
        (["zeal", "allies"], "allies@x.org"),
        (["removed"], None),
    ],
)
def test_whose_owner_is_named(groups: list[str], owner: str | None) -> None:
    assert worst_group(POLICY, [hit(group=group).mistaken_domain for group in groups]).owner == owner


def test_the_group_of_a_domain_that_accepted_nothing_raises_nothing() -> None:
    tally = Tally("mails")
    tally.add(entry(hit=1, mail=1, domain=1, delivery="rejected"), 100)
    tally.add(entry(hit=2, mail=2, domain=2, delivery="delivered"), 100)
    domains = [hit(domain="navy.ml", group="allies").mistaken_domain, hit().mistaken_domain]
    names = WindowNames(None, {number.to_bytes(4): domain for number, domain in enumerate(domains, 1)})
    assert severity(RULES[0], POLICY, tally, names, Peaks(2, 1)) == LOW
    tally.add(entry(hit=3, mail=3, domain=1, delivery="unknown"), 100)
    assert severity(RULES[0], POLICY, tally, names, Peaks(3, 2)) == HIGH


@pytest.mark.parametrize(("questions", "expected"), [(0, None), (1, None), (2, INFORMATIONAL), (30, INFORMATIONAL)])
def test_what_the_gate_stopped_is_informational(questions: int, expected: Severity | None) -> None:
    tally = Tally("senders")
    for number in range(questions):
        tally.add(asked(mail=number, sender=number, domain=1), 100)
    names = WindowNames(None, {(1).to_bytes(4): hit(group="allies", listed=True).mistaken_domain})
    domain_leak = RULES[1]
    assert severity(domain_leak, POLICY, tally, names, Peaks(0, 0)) == expected
    tally.add(entry(mail=100, sender=100, domain=1, delivery="delivered"), 100)
    assert severity(domain_leak, POLICY, tally, names, Peaks(1, 1)) == expected, "one sender is below the lowest level"
