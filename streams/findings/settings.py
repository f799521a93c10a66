"""The settings of the findings: rules, allowed lateness, limits and the minimum severities of labels."""

import re
from collections.abc import Callable, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from streams.did_you_mean import or_list
from streams.domains.watchlist.watchlist import Group
from streams.durations import parse_duration_ms
from streams.events.hit import HitKind
from streams.findings.rules import Count, FindingPolicy, GroupBy, Rule, UpdatePolicy, nothing_allowed, without_class
from streams.severity import SEVERITIES, Severity, SeverityWord, no_severity

SHORTEST_MS = 60_000
LONGEST_MS = 400 * 86_400_000
_SLUG = re.compile(r"[a-z][a-z0-9-]{0,62}")
_CHOICES: dict[str, tuple[str, ...]] = {
    "group_by": get_args(GroupBy),
    "count": get_args(Count),
    "hits": get_args(HitKind),
}


class RuleSettings(BaseModel):
    """One rule: counts mails or senders for each sender or mistaken domain, in windows aligned to Monday 00:00 UTC."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(description="A slug; the rule's name in alerts and metrics.")
    group_by: GroupBy = Field(description="One finding for each sender, or for each mistaken domain.")
    count: Count = Field(default="mails", description="Count distinct mails, or distinct senders.")
    window: str | int = Field(description="Length of a window: 90m, 24h, 7d or a number of seconds.")
    levels: dict[int, SeverityWord] = Field(
        description="The lowest count of each severity, such as `{1: low, 10: high}`."
    )
    hits: HitKind = Field(default="certain", description="Count certain hits, uncertain ones, or all.")

    @model_validator(mode="before")
    @classmethod
    def _known_fields(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        name = f"rule {given.get('name', 'without a name')!r}"
        for unknown in set(given) - set(cls.model_fields):
            raise ValueError(f"{name}: there is no field {unknown!r}: {or_list(str(unknown), cls.model_fields)}")
        for required in ("name", "group_by", "window", "levels"):
            if required not in given:
                raise ValueError(f"{name}: the field {required} is missing")
        return given

    @field_validator("name", mode="before")
    @classmethod
    def _slug(cls, name: Any) -> str:
        if not isinstance(name, str) or not _SLUG.fullmatch(name):
            raise ValueError(
                f"rule {name!r}: name must be lower-case letters, digits and hyphens, beginning with a letter"
            )
        return name

    @field_validator("group_by", "count", "hits", mode="before")
    @classmethod
    def _choice(cls, given: Any, info: ValidationInfo) -> Any:
        field = str(info.field_name)
        if given not in _CHOICES[field]:
            raise ValueError(f"{_rule(info)}: {field} can't be {given!r}: {or_list(str(given), _CHOICES[field])}")
        return given

    @field_validator("window", mode="before")
    @classmethod
    def _window(cls, given: Any, info: ValidationInfo) -> Any:
        try:
            length_ms = parse_duration_ms(given)
        except ValueError as problem:
            raise ValueError(f"{_rule(info)}: window: {problem}") from None
        if not SHORTEST_MS <= length_ms <= LONGEST_MS:
            raise ValueError(f"{_rule(info)}: window must be from 1 minute to 400 days, not {given!r}")
        return given

    @field_validator("levels", mode="before")
    @classmethod
    def _levels(cls, given: Any, info: ValidationInfo) -> Any:
        if not isinstance(given, dict) or not given:
            raise ValueError(
                f"{_rule(info)}: levels must have at least one number with its severity, such as {{1: low}}"
            )
        levels = {_positive(number, info): word for number, word in given.items()}
        for word in levels.values():
            if word not in get_args(SeverityWord):
                raise ValueError(f"{_rule(info)}: levels: {no_severity(word)}")
        rising = [SEVERITIES[levels[number]] for number in sorted(levels)]
        if len(levels) < len(given) or rising != sorted(set(rising)):
            raise ValueError(f"{_rule(info)}: levels must rise in severity with the number, and {given!r} do not")
        return levels

    @model_validator(mode="after")
    def _counts_something(self) -> "RuleSettings":
        if self.group_by == "sender" and self.count == "senders":
            raise ValueError(
                f"rule {self.name!r}: count: senders needs group_by: domain, since a sender is only one sender"
            )
        return self

    def rule(self) -> Rule:
        """The rule as a frozen object."""
        levels = tuple((number, SEVERITIES[word]) for number, word in sorted(self.levels.items()))
        return Rule(self.name, self.group_by, self.count, parse_duration_ms(self.window), levels, self.hits)


def _rule(info: ValidationInfo) -> str:
    return f"rule {info.data.get('name', 'without a name')!r}"


def _positive(number: Any, info: ValidationInfo) -> int:
    if isinstance(number, bool) or not str(number).isdecimal() or int(number) < 1:
        raise ValueError(f"{_rule(info)}: levels: {number!r} is not a number of 1 or more")
    return int(number)


DEFAULT_RULES = (
    RuleSettings(name="sender-typo-hits", group_by="sender", window="24h", levels={1: "low", 3: "medium", 10: "high"}),
    RuleSettings(
        name="domain-leak",
        group_by="domain",
        count="senders",
        window="7d",
        levels={2: "low", 5: "medium", 25: "high"},
    ),
    RuleSettings(name="suspect-domain", group_by="domain", window="30d", levels={1: "informational"}, hits="uncertain"),
)


class FindingsSettings(BaseModel):
    """The settings by which typo hits become findings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rules: tuple[RuleSettings, ...] = Field(
        default=DEFAULT_RULES, description="What is counted, and which counts make a finding of which severity"
    )
    grace: str | int = Field(
        default="24h", description="Allowed lateness: how long after the end of a window late mail still joins it"
    )
    max_mails: int = Field(
        default=10_000, ge=1, le=1_000_000, description="Count per key and window at which counting stops"
    )
    update_after: str | int = Field(
        default="1m",
        description="How long after it grew a finding is published again, by mail's time or idle time; "
        "this notifies nobody",
    )
    quick_updates: int = Field(
        default=10,
        ge=0,
        description="Number of these updates of a finding after which they become slow, and its count is a minimum "
        "until it is final",
    )
    slow_update_after: str | int = Field(
        default="15m", description="How long after it grew a finding is published again once updates are slow"
    )
    update_growth: int = Field(
        default=10, ge=1, le=1_000, description="Growth in percent for which an update isn't slow"
    )
    labels: dict[str, SeverityWord] = Field(
        default_factory=dict,
        description="The minimum severity of a finding with a mail that has this label and was not refused",
    )

    @field_validator("rules", mode="after")
    @classmethod
    def _distinct(cls, rules: tuple[RuleSettings, ...]) -> tuple[RuleSettings, ...]:
        names = [rule.name for rule in rules]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"rule {name!r}: two rules have this name; each needs a name of its own")
        return rules

    @field_validator("grace", "update_after", "slow_update_after", mode="before")
    @classmethod
    def _duration(cls, given: Any, info: ValidationInfo) -> Any:
        if parse_duration_ms(given) > LONGEST_MS:
            raise ValueError(f"{info.field_name} must be at most 400 days, not {given!r}")
        return given

    @field_validator("labels", mode="before")
    @classmethod
    def _labels(cls, given: Any) -> Any:
        for label, word in given.items() if isinstance(given, dict) else ():
            if word not in get_args(SeverityWord):
                raise ValueError(f"{label!r}: {no_severity(word)}")
        return given

    @property
    def hits_of_rule(self) -> dict[str, HitKind]:
        """Which hits each rule counts, by its name."""
        return {rule.name: rule.hits for rule in self.rules}

    def policy(
        self,
        groups: Mapping[str, Group] | None = None,
        is_allowed: Callable[[str], bool] = nothing_allowed,
        class_of: Callable[[str], str | None] = without_class,
    ) -> FindingPolicy:
        """The frozen policy, with the watchlist's groups, its test for allowed domains, and the classes of intended
        ones."""
        return FindingPolicy(
            rules=tuple(settings.rule() for settings in self.rules),
            grace_ms=parse_duration_ms(self.grace),
            max_mails=self.max_mails,
            labels={label.strip().lower(): Severity(SEVERITIES[word]) for label, word in self.labels.items()},
            groups=groups or {},
            is_allowed=is_allowed,
            class_of=class_of,
            updates=UpdatePolicy(
                after_ms=parse_duration_ms(self.update_after),
                quick=self.quick_updates,
                growth_percent=self.update_growth,
                slow_ms=parse_duration_ms(self.slow_update_after),
            ),
        )
