"""What the tables show of an alert, taken from its OCSF form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SEVERITIES = ("unknown", "informational", "low", "medium", "high", "critical")
"""By OCSF severity_id."""
CLOSE = 3


@dataclass(frozen=True, slots=True)
class AlertView:
    """One alert in a table. `time` is integer ms; `pairs` are (typed, meant) domains; no text is cleaned yet."""

    uid: str
    time: int
    severity: str
    title: str
    rule: str
    count: str
    state: str
    slip: str
    pairs: list[tuple[str, str]]


def view_of(alert: Mapping[str, Any]) -> AlertView:
    """The view of an OCSF Detection Finding; raises KeyError where a field that alerts always have is missing."""
    own = alert["unmapped"]["straymail"]
    return AlertView(
        uid=alert["finding_info"]["uid"],
        time=alert["time"],
        severity=SEVERITIES[alert["severity_id"]],
        title=alert["finding_info"]["title"],
        rule=alert["finding_info"]["analytic"]["name"],
        count=f"{alert['count']}{'+' if own.get('count_is_minimum') else ''}",
        state="withdrawn" if alert["activity_id"] == CLOSE else own["window_state"],
        slip=own.get("slip") or "",
        pairs=[(pair["domain"], pair["intended"]) for pair in own["domains"]],
    )
