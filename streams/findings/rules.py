"""Rules, and the policy that has them: frozen, separate from all running state."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from streams.domains.watchlist.watchlist import Group
from streams.events.hit import HitKind, TypoHit
from streams.severity import Severity

GroupBy = Literal["sender", "domain"]
Count = Literal["mails", "senders"]


@dataclass(frozen=True, slots=True)
class Rule:
    """Counts mails or senders for each sender or domain in windows of `window_ms`.

    `levels` are (lowest count, severity), rising in both.
    """

    name: str
    group_by: GroupBy
    count: Count
    window_ms: int
    levels: tuple[tuple[int, Severity], ...]
    hits: HitKind = "certain"
    identity: str = field(init=False, repr=False, compare=False)
    """Everything that decides which hits are counted together. A rule with another identity has other findings."""

    def __post_init__(self) -> None:
        identity = f"{self.name}/{self.group_by}/{self.count}/{self.window_ms}/{self.hits}"
        object.__setattr__(self, "identity", identity)  # once, since each alert needs it

    def matches(self, hit: TypoHit) -> bool:
        """Whether the rule counts this hit."""
        return hit.is_of_kind(self.hits)

    def level(self, count: int) -> Severity | None:
        """The severity of this number of mails (or senders); None below the lowest level: no finding."""
        reached = None
        for lowest, severity in self.levels:
            if count >= lowest:
                reached = severity
        return reached


def nothing_allowed(_domain: str) -> bool:
    """False: without a watchlist no domain is allowed."""
    return False


def without_class(_domain: str) -> None:
    """None: no domain has a class."""


@dataclass(frozen=True, slots=True)
class UpdatePolicy:
    """When a finding that has grown since its last alert is published again, although it has no news.

    The first `quick` of these updates are sent `after_ms` after the finding grew. Later ones are sent `slow_ms` after
    it grew, or `after_ms` after it has grown by `growth_percent`.
    """

    after_ms: int = 60_000
    quick: int = 10
    growth_percent: int = 10
    slow_ms: int = 900_000

    def is_slow(self, updates: int) -> bool:
        """Whether the next update may be slow, after so many of them: the published count is a minimum then."""
        return updates >= self.quick

    def wait_ms(self, updates: int, published: int, count: int) -> int:
        """How long the update may wait, after so many of them, of a finding whose count was `published` last."""
        has_grown_much = 100 * count >= (100 + self.growth_percent) * published
        return self.slow_ms if self.is_slow(updates) and not has_grown_much else self.after_ms


@dataclass(frozen=True, slots=True)
class FindingPolicy:
    """The configuration of findings. `groups` and `is_allowed` come from the watchlist; `labels` are lower case;
    `class_of` gives the group of an intended domain that the watchlist puts in none."""

    rules: tuple[Rule, ...]
    grace_ms: int = 86_400_000
    max_mails: int = 10_000
    labels: Mapping[str, Severity] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    is_allowed: Callable[[str], bool] = nothing_allowed
    class_of: Callable[[str], str | None] = without_class
    updates: UpdatePolicy = UpdatePolicy()

    def label_floor(self, label: str) -> int:
        """The minimum severity of a finding with this label; 0 if the label has none."""
        return self.labels.get(label.strip().lower(), 0)
