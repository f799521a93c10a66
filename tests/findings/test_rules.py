"""Which hits a rule counts, and the severity of a count."""

from dataclasses import replace

import pytest

from streams.findings.rules import FindingPolicy, Rule, UpdatePolicy, nothing_allowed
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
def test_a_level_applies_from_its_count_on(number: int, severity: Severity | None) -> None:
    assert RULE.level(number) == severity


@pytest.mark.parametrize(
    ("hits", "certain", "uncertain"), [("certain", True, False), ("uncertain", False, True), ("all", True, True)]
)
def test_a_rule_matches_its_kind_of_hits(hits: str, certain: bool, uncertain: bool) -> None:
    rule = replace(RULE, hits=hits)  # type: ignore[arg-type]
    assert (rule.matches(hit(certain=True)), rule.matches(hit(certain=False))) == (certain, uncertain)


@pytest.mark.parametrize(
    ("updates", "published", "count", "wait"),
    [
        (0, 5, 6, "short"),
        (9, 1_000, 1_001, "short"),
        (10, 1_000, 1_001, "long"),
        (10, 1_000, 1_099, "long"),
        (10, 1_000, 1_100, "short"),
        (99, 7, 8, "short"),
        (99, 11, 12, "long"),
    ],
)
def test_updates_without_news_are_slow_after_ten_unless_the_finding_has_grown_by_a_tenth(
    updates: int, published: int, count: int, wait: str
) -> None:
    policy = UpdatePolicy()
    assert policy.wait_ms(updates, published, count) == {"short": 60_000, "long": 900_000}[wait]
    assert policy.is_slow(updates) == (updates >= 10)


def test_the_identity_changes_with_everything_but_the_levels() -> None:
    changed = [
        replace(RULE, name="other"),
        replace(RULE, group_by="domain"),
        replace(RULE, count="senders"),
        replace(RULE, window_ms=1),
        replace(RULE, hits="all"),
    ]
    assert len({rule.identity for rule in [RULE, *changed]}) == 6
    assert replace(RULE, levels=((1, Severity.LOW),)).identity == RULE.identity


def test_a_label_floor_ignores_case_and_blanks() -> None:
    policy = FindingPolicy((RULE,), labels={"secret": Severity.HIGH})
    assert [policy.label_floor(label) for label in ("secret", " SECRET ", "public")] == [
        Severity.HIGH,
        Severity.HIGH,
        0,
    ]


def test_without_a_watchlist_nothing_is_allowed() -> None:
    assert not nothing_allowed("army.ml")
    assert not FindingPolicy((RULE,)).is_allowed("army.ml")
