"""The work of `straymail report`."""

from __future__ import annotations

from pathlib import Path

import click

from streams.backtest.groups import SenderGroups, read_groups
from streams.backtest.week import Week, week_of
from streams.cli.alerts.run import newest_states, stored_alerts
from streams.cli.hits.run import stored_hits
from streams.cli.shared.problems import print_error
from streams.clock import now_ms
from streams.config import load_settings
from streams.counted import counted
from streams.files import check_folder
from streams.kafka.topics.names import topic_names
from streams.triage.topic import stored_decisions


def write_report(file: Path, config: Path | None, since_ms: int, groups_file: Path | None, *, title: str) -> int:
    """Write the report and say in a line what is in it. Returns the exit code; raises UsageError, BrokerError."""
    from streams.backtest.week_report import write_week  # fails here, before the reading, if a library is missing

    check_folder(file)
    settings = load_settings(config)
    groups = SenderGroups() if groups_file is None else read_groups(groups_file)
    names = topic_names(settings)
    week = week_of(
        stored_hits(settings, since_ms),
        (alert.view for alert in newest_states(stored_alerts(settings, since_ms))),
        stored_decisions(settings),
        groups,
        since_ms=since_ms,
        until_ms=now_ms(),
    )
    topics = [names.typo_hits, names.alerts, names.triage]
    write_week(file, week, groups, print_error, title=title, topics=topics)
    click.echo(_in_a_line(file, week), err=True)
    return 0


def _in_a_line(file: Path, week: Week) -> str:
    domains = counted(len(week.totals.domains), "mistaken domain")
    stopped = f", {week.prevented:,} stopped by the gate" if week.asked.asked else ""
    mails, findings = counted(week.totals.mails, "mail"), counted(week.open_findings, "open finding")
    return f"{file}: {mails} to {domains}{stopped}, {findings}"
