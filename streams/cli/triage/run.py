"""The work of `straymail triage`."""

from __future__ import annotations

import getpass
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from streams.cli.alerts.run import newest_states, stored_alerts
from streams.cli.hits.run import stored_hits
from streams.cli.shared.differences import difference_row, difference_table
from streams.cli.shared.output import json_wanted, write_json
from streams.clock import now_ms, today
from streams.config import Settings, load_settings
from streams.counted import counted
from streams.detection.watchlist_diff import Difference
from streams.domains.watchlist.file import read_watchlist
from streams.domains.watchlist.watchlist import Allowed
from streams.errors import UsageError
from streams.events.alert_view import AlertView
from streams.events.alert_words import utc
from streams.events.safe_text import clean
from streams.kafka.topics.names import topic_names
from streams.triage.decide import TriageAction, decide
from streams.triage.decision import TriageDecision
from streams.triage.false_alarm import (
    LOOK_BACK_MS,
    Judging,
    LineEffects,
    allowed_line,
    concerns,
    line_effects,
    until_day,
)
from streams.triage.standing import standing
from streams.triage.topic import store_decisions, stored_decisions


@dataclass(frozen=True, slots=True)
class TriageRequest:
    """Arguments of `straymail triage`; without an action it only shows what was decided."""

    uids: tuple[str, ...]
    action: TriageAction | None
    assignee: str
    note: str


@dataclass(frozen=True, slots=True)
class _Offer:
    """The lines that would silence a domain, and what they would change."""

    domain: str
    allowed_line: str
    effects: LineEffects


def run_triage(request: TriageRequest, config: Path | None, *, as_json: bool) -> int:
    """Decide, or show what was decided. Returns the exit code; raises UsageError, BrokerError."""
    settings = load_settings(config)
    findings, decisions = _findings(settings, request.uids), stored_decisions(settings)
    if request.action is not None:
        user, now = user_name(), now_ms()
        new = [
            decide(
                request.action,
                view,
                decisions.get(view.uid),
                user=user,
                now_ms=now,
                assignee=request.assignee,
                note=request.note,
            )
            for view in findings
        ]
        store_decisions(settings, new)
        decisions |= {decision.finding_uid: decision for decision in new}
    offers = _offers(findings, decisions, settings) if request.action == "false-alarm" else []
    if json_wanted(as_json):
        for view in findings:
            write_json(_row(view, decisions.get(view.uid), [each for each in offers if each.domain == view.domain]))
        return 0
    console = Console()
    for view in findings:
        console.print(_line(view, decisions.get(view.uid)))
    for each in offers:
        _show_offer(each, settings, console)
    return 0


def user_name() -> str:
    """The name under which this machine's user decides. Raises UsageError where it has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise UsageError("this user has no name: set the variable LOGNAME to yours") from None


def _findings(settings: Settings, uids: Sequence[str]) -> list[AlertView]:
    """The newest state of each finding. Raises UsageError unless exactly one finding's uid begins with each text."""
    wanted = tuple(uid.lower() for uid in uids)
    found = newest_states(alert for alert in stored_alerts(settings) if alert.view.uid.startswith(wanted))
    chosen: dict[str, AlertView] = {}
    for uid in wanted:
        views = [alert.view for alert in found if alert.view.uid.startswith(uid)]
        if len(views) != 1 or not uid:
            count = "no finding's uid begins" if not views else f"{len(views)} findings' uids begin"
            where = topic_names(settings).alerts
            raise UsageError(f"{count} with {clean(uid)!r} in {where}: straymail alerts --json shows them")
        chosen[views[0].uid] = views[0]
    return list(chosen.values())


def _row(view: AlertView, decision: TriageDecision | None, offers: Sequence[_Offer]) -> dict[str, Any]:
    now = standing(view, decision)
    return {
        "finding_uid": view.uid,
        "status_id": int(now.status),
        "status": now.status.caption,
        "reopened": now.is_reopened,
        "assignee": None if decision is None else decision.assignee,
        "user": None if decision is None else decision.user,
        "time": None if decision is None else decision.time,
        "comment": "" if decision is None else decision.comment,
        **({"offer": _offer_row(offers[0])} if offers else {}),
    }


def _line(view: AlertView, decision: TriageDecision | None) -> Text:
    now = standing(view, decision)
    text = Text.assemble(view.uid[:12], "  ", (now.status.caption, "bold"))
    text.append(" again, since it has new mail" if now.is_reopened else "")
    text.append(f"  {clean(view.title)}")
    if decision is not None:
        holder = f", for {clean(decision.assignee)}" if decision.assignee not in (None, decision.user) else ""
        text.append(f"\n  {decision.status_id.caption} by {clean(decision.user)}{holder} at {utc(decision.time)} UTC")
        text.append(f": {clean(decision.comment)}" if decision.comment else "")
    return text


def _offers(views: Sequence[AlertView], decisions: Mapping[str, TriageDecision], settings: Settings) -> list[_Offer]:
    """An offer for the first domain of each finding."""
    by_domain = {view.domain: decisions[view.uid] for view in views if view.domain}
    day, since_ms = today(), now_ms() - LOOK_BACK_MS
    judging = Judging(read_watchlist(settings.watchlist_path, today=day), settings.scorer)
    hits = [hit for hit in stored_hits(settings) if any(concerns(domain, hit, since_ms) for domain in by_domain)]
    offers = []
    for domain, decision in by_domain.items():
        entry = Allowed(domain, decision.comment or None, decision.assignee, until_day(day))
        effects = line_effects(domain, hits, judging, since_ms=since_ms)
        offers.append(_Offer(domain, allowed_line(entry), effects))
    return offers


def _offer_row(offer: _Offer) -> dict[str, Any]:
    effects = offer.effects
    return {
        "domain": offer.domain,
        "allowed_line": offer.allowed_line,
        "known_line": offer.domain,
        "since": effects.since_ms,
        "mails": effects.mails,
        "allowed": [difference_row(each) for each in effects.allowed],
        "known": [difference_row(each) for each in effects.known],
    }


def _show_offer(offer: _Offer, settings: Settings, console: Console) -> None:
    effects, domain = offer.effects, clean(offer.domain)
    known = settings.scorer.known or "the file that scorer.known names"
    mails = f"{counted(effects.mails, 'mail')} since {utc(effects.since_ms)[:10]}"
    console.print(Text(f"\nTo allow {domain}, add this line under `allowed` in {settings.watchlist_path}:"))
    console.print(Text(offer.allowed_line), soft_wrap=True)
    _show_changes(mails, effects.allowed, console)
    console.print(Text(f"To let it only score lower, add this line to {known}:"))
    console.print(Text(f"  {domain}"), soft_wrap=True)
    _show_changes(mails, effects.known, console)


def _show_changes(mails: str, found: list[Difference], console: Console) -> None:
    if not found:
        console.print(Text(f"Of {mails} it changes none."))
        return
    console.print(Text(f"Of {mails} it changes {counted(sum(each.mails for each in found), 'mail')}:"))
    console.print(difference_table(found))
