"""What a rule counts, and how bad a count is."""

from dataclasses import replace

import pytest

from streams.findings.rules import FindingPolicy, Rule, nothing_allowed
from streams.severity import Severity
from tests.findings.samples import DAY_MS, hit

RULE = Rule("some", "sender", "mails", DAY_MS, ((2, Severity.LOW), (5, Severity.HIGH)))


@pytest.mark.parametrize(
    ("number", "severity"),
    [
        (0, None),
        (1, None),
        (2, Severity.LOW),
        (4, Severity.LOW),
        (5, Severity.HIGH),
        (10**9, Severity.HIGH),
    ],
)
def test_a_level_holds_from_its_number_on(number: int, severity: Severity | None) -> None:
    assert RULE.level(number) == severity


@pytest.mark.parametrize(
    ("hits", "certain", "uncertain"), [("certain", True, False), ("uncertain", False, True), ("all", True, True)]
)
def test_a_rule_takes_the_hits_that_it_is_for(hits: str, certain: bool, uncertain: bool) -> None:
    rule = replace(RULE, hits=hits)  # type: ignore[arg-type]
    assert (rule.matches(hit(certain=True)), rule.matches(hit(certain=False))) == (certain, uncertain)


def test_a_rule_that_counts_otherwise_is_another_one_and_its_levels_may_change() -> None:
    changed = [
        replace(RULE, name="other"),
        replace(RULE, group_by="domain"),
        replace(RULE, count="senders"),
        replace(RULE, window_ms=1),
        replace(RULE, hits="all"),
    ]
    assert len({rule.identity for rule in [RULE, *changed]}) == 6
    assert replace(RULE, levels=((1, Severity.LOW),)).identity == RULE.identity


def test_a_label_is_marked_however_it_is_written() -> None:
    policy = FindingPolicy((RULE,), labels={"secret": Severity.HIGH})
    assert [policy.label_floor(label) for label in ("secret", " SECRET ", "public")] == [
        Severity.HIGH,
        Severity.HIGH,
        0,
    ]


def test_without_a_watchlist_nothing_is_allowed() -> None:
    assert not nothing_allowed("army.ml")
    assert not FindingPolicy((RULE,)).is_allowed("army.ml")
