"""What a rule is, and the policy that the findings of a partition follow; frozen, apart from all running state."""

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
    """Count `count` for each `group_by` in windows of `window_ms`; `levels` rise in both number and severity."""

    name: str
    group_by: GroupBy
    count: Count
    window_ms: int
    levels: tuple[tuple[int, Severity], ...]
    hits: HitKind = "certain"

    @property
    def identity(self) -> str:
        """All that decides which hits are counted together: changed, it is another rule, with its own findings."""
        return f"{self.name}/{self.group_by}/{self.count}/{self.window_ms}/{self.hits}"

    def takes(self, hit: TypoHit) -> bool:
        """Whether the rule counts this hit."""
        return hit.is_of_kind(self.hits)

    def level(self, number: int) -> Severity | None:
        """The severity of so many mails (or senders); None below the lowest level, where there is no finding."""
        reached = None
        for least, severity in self.levels:
            if number >= least:
                reached = severity
        return reached


def nothing_allowed(_domain: str) -> bool:
    """No domain is allowed: what a policy says before a watchlist is read."""
    return False


@dataclass(frozen=True, slots=True)
class FindingPolicy:
    """All that is configured of findings; `groups` and `is_allowed` are the watchlist's, `labels` are lower case."""

    rules: tuple[Rule, ...]
    grace_ms: int = 86_400_000
    max_mails: int = 10_000
    labels: Mapping[str, Severity] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    is_allowed: Callable[[str], bool] = nothing_allowed

    def marking(self, label: str) -> int:
        """The least severity of a finding with such a label; 0 where the label says nothing of it."""
        return self.labels.get(label.strip().lower(), 0)
