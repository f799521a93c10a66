"""The groups that every watchlist has, one for each class of domain, by what is at stake where mail for it strays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, get_args

from streams.domains.watchlist.watchlist import Group
from streams.severity import Severity

DomainClass = Literal["defence", "own", "health", "finance", "international", "government", "free-mail"]
"""What kind of domain mail was meant for. A domain of two classes is of the first of them."""
DOMAIN_CLASSES: tuple[DomainClass, ...] = get_args(DomainClass)

DEFAULT_GROUPS: Mapping[str, Group] = {
    "defence": Group(Severity.HIGH),
    "own": Group(Severity.MEDIUM),
    "health": Group(Severity.MEDIUM),
    "finance": Group(Severity.MEDIUM),
    "international": Group(Severity.MEDIUM),
    "government": Group(Severity.MEDIUM),
    "free-mail": Group(at_most=Severity.MEDIUM),
}


def with_defaults(groups: Mapping[str, Group]) -> dict[str, Group]:
    """The groups of a watchlist and those that every one has. A default group of which the watchlist gives neither
    `severity` nor `at_most` keeps its own."""
    return {
        **DEFAULT_GROUPS,
        **{name: _merged(group, DEFAULT_GROUPS.get(name, group)) for name, group in groups.items()},
    }


def _merged(own: Group, default: Group) -> Group:
    if own.severity is not None or own.at_most is not None:
        return own
    return replace(own, severity=default.severity, at_most=default.at_most)
