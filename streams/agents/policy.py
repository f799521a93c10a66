"""What the watchlist adds to the rules: the floor of each group of watched domains, and what is allowed."""

from __future__ import annotations

from streams.domains.watchlist import Watchlist
from streams.events.severity import SEVERITIES
from streams.findings.rules import Group, Policy
from streams.findings.settings import FindingsSettings


def finding_policy(settings: FindingsSettings, watchlist: Watchlist) -> Policy:
    """The policy under which hits are counted while this watchlist is in force."""
    groups = {
        name: Group(
            severity=None if group.severity is None else SEVERITIES[group.severity],
            owner=group.owner,
            runbook_url=group.runbook_url,
        )
        for name, group in watchlist.groups.items()
    }
    return settings.policy(groups, watchlist.is_allowed)
