"""The settings of the findings, and the errors of bad ones."""

from typing import Any

import pytest
from pydantic import ValidationError

from streams.domains.watchlist.watchlist import Group
from streams.findings.rules import Rule, nothing_allowed
from streams.findings.settings import FindingsSettings, RuleSettings
from streams.severity import Severity

DAY_MS = 86_400_000
LOW, MEDIUM, HIGH = Severity.LOW, Severity.MEDIUM, Severity.HIGH
GOOD: dict[str, Any] = {"name": "mine", "group_by": "domain", "window": "24h", "levels": {1: "low"}}


def test_the_defaults() -> None:
    policy = FindingsSettings().policy()
    assert policy.rules == (
        Rule("sender-typo-hits", "sender", "mails", DAY_MS, ((1, LOW), (3, MEDIUM), (10, HIGH)), "certain"),
        Rule("domain-leak", "domain", "senders", 7 * DAY_MS, ((2, LOW), (5, MEDIUM), (25, HIGH)), "certain"),
        Rule("suspect-domain", "domain", "mails", 30 * DAY_MS, ((1, Severity.INFORMATIONAL),), "uncertain"),
    )
    assert (policy.grace_ms, policy.max_mails, dict(policy.labels)) == (DAY_MS, 10_000, {})


def test_a_rule_that_sets_every_field() -> None:
    written = {"rules": [{**GOOD, "levels": {"10": "high", "2": "low"}, "hits": "all"}], "grace": "0", "max_mails": 5}
    policy = FindingsSettings.model_validate(written).policy()
    assert policy.rules == (Rule("mine", "domain", "mails", DAY_MS, ((2, LOW), (10, HIGH)), "all"),)
    assert (policy.grace_ms, policy.max_mails) == (0, 5)


def test_the_watchlist_adds_groups_and_allowed_domains() -> None:
    def is_allowed(domain: str) -> bool:
        return domain == "army.cz"

    groups = {"allies": Group(HIGH, "soc@example.org")}
    policy = FindingsSettings().policy(groups, is_allowed)
    assert (policy.groups, policy.is_allowed) == (groups, is_allowed)
    assert FindingsSettings().policy().is_allowed is nothing_allowed
    assert not nothing_allowed("army.cz")


def test_labels_are_compared_in_lower_case() -> None:
    policy = FindingsSettings.model_validate({"labels": {"Official-Sensitive": "high"}}).policy()
    assert [policy.label_floor(label) for label in ("OFFICIAL-SENSITIVE", " official-sensitive", "OFFICIAL")] == [
        HIGH,
        HIGH,
        0,
    ]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": "Mine"}, "rule 'Mine': name must be lower-case letters, digits and hyphens, beginning with a letter"),
        ({"name": 7}, "rule 7: name must be lower-case letters"),
        ({"group_by": "recipient"}, "rule 'mine': group_by can't be 'recipient': use sender or domain"),
        ({"group_by": ["sender"]}, r"rule 'mine': group_by can't be \['sender'\]: did you mean 'sender'"),
        ({"count": "hits"}, "rule 'mine': count can't be 'hits': use mails or senders"),
        ({"hits": "some"}, "rule 'mine': hits can't be 'some': use certain, uncertain or all"),
        ({"window": "soon"}, "rule 'mine': window: 'soon' is not a duration"),
        ({"window": "59s"}, "rule 'mine': window must be from 1 minute to 400 days, not '59s'"),
        ({"window": "401d"}, "rule 'mine': window must be from 1 minute to 400 days, not '401d'"),
        ({"window": None}, "rule 'mine': window: None is not a duration"),
        ({"levels": {}}, "rule 'mine': levels must have at least one number with its severity"),
        ({"levels": "low"}, "rule 'mine': levels must have at least one number with its severity"),
        ({"levels": {0: "low"}}, "rule 'mine': levels: 0 is not a number of 1 or more"),
        ({"levels": {"few": "low"}}, "rule 'mine': levels: 'few' is not a number of 1 or more"),
        ({"levels": {1: "bad"}}, "rule 'mine': levels: 'bad' is no severity: use informational, low"),
        ({"levels": {1: ["low"]}}, r"rule 'mine': levels: \['low'\] is no severity: did you mean 'low'"),
        ({"levels": {1: "high", 2: "low"}}, "rule 'mine': levels must rise in severity with the number"),
        ({"levels": {1: "low", 2: "low"}}, "rule 'mine': levels must rise in severity with the number"),
        ({"levels": {1: "low", "1": "high"}}, "rule 'mine': levels must rise in severity with the number"),
        ({"group_by": "sender", "count": "senders"}, "rule 'mine': count: senders needs group_by: domain"),
        ({"treshold": 3}, "rule 'mine': there is no field 'treshold': use name, group_by, count, window"),
    ],
)
def test_the_error_of_a_bad_rule_names_the_rule_and_the_field(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        RuleSettings.model_validate({**GOOD, **given})


@pytest.mark.parametrize("field", ["group_by", "window", "levels"])
def test_a_missing_field(field: str) -> None:
    with pytest.raises(ValidationError, match=f"rule 'mine': the field {field} is missing"):
        RuleSettings.model_validate({name: value for name, value in GOOD.items() if name != field})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"rules": [GOOD, GOOD]}, "rule 'mine': two rules have this name; each needs a name of its own"),
        ({"rules": ["mine"]}, "valid dictionary"),
        ({"grace": "long"}, "'long' is not a duration"),
        ({"grace": "401d"}, "grace must be at most 400 days, not '401d'"),
        ({"update_after": "often"}, "'often' is not a duration"),
        ({"slow_update_after": "401d"}, "slow_update_after must be at most 400 days, not '401d'"),
        ({"update_growth": 0}, "greater than or equal to 1"),
        ({"max_mails": 0}, "greater than or equal to 1"),
        ({"labels": {"SECRET": "worst"}}, "'SECRET': 'worst' is no severity: use informational"),
        ({"labels": ["SECRET"]}, "valid dictionary"),
        ({"rulez": []}, "Extra inputs are not permitted"),
    ],
)
def test_bad_settings(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        FindingsSettings.model_validate(given)


@pytest.mark.parametrize(("number", "expected"), [(0, None), (1, LOW), (2, LOW), (3, MEDIUM), (9, MEDIUM), (10, HIGH)])
def test_levels(number: int, expected: Severity | None) -> None:
    assert FindingsSettings().policy().rules[0].level(number) == expected


def test_a_rule_that_counts_differently_has_another_identity() -> None:
    mine = RuleSettings.model_validate(GOOD).rule()
    changes: list[dict[str, Any]] = [
        {"window": "7d"},
        {"count": "senders"},
        {"hits": "all"},
        {"name": "other"},
        {"group_by": "sender"},
    ]
    others = [RuleSettings.model_validate({**GOOD, **change}).rule() for change in changes]
    assert len({rule.identity for rule in [mine, *others]}) == 6
    assert RuleSettings.model_validate({**GOOD, "levels": {5: "high"}}).rule().identity == mine.identity
