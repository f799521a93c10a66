"""`straymail alerts`: list findings and follow them."""

from __future__ import annotations

from pathlib import Path

import click

from streams.cli.shared.options import config_option, epilog, follow_option, json_option, severity_option, since_option

FORMS = ["table", "json", "csv"]
EPILOG = epilog(
    """
    straymail alerts
    straymail alerts --severity high --since 24h
    straymail alerts --follow
    straymail alerts --follow --since 24h --json | jq .finding_info.title
    straymail alerts --since 7d --format csv > alerts.csv
    """,
    "0 done, 1 Kafka doesn't answer, 2 wrong usage or configuration.",
)


@click.command(epilog=EPILOG)
@config_option
@json_option
@follow_option
@since_option
@severity_option
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    help="What is written; default: a table on a terminal, else JSON lines.",
)
@click.option("--rule", help="Only findings of this rule.")
@click.option(
    "--finding", metavar="UID", help="Only this finding, in all its states; the first digits of the uid suffice."
)
@click.option("--every", is_flag=True, help="Every state of each finding, not only the newest.")
def alerts(
    config: Path | None,
    as_json: bool,
    follow: bool,
    since: int | None,
    severity: str | None,
    form: str | None,
    rule: str | None,
    finding: str | None,
    every: bool,
) -> int:
    """Show the findings in mail.alerts.

    The output is a table with each slip marked, OCSF Detection Findings as JSON lines, or CSV. With --follow each new
    state of a finding is shown as it arrives, after those published --since.
    """
    from streams.cli.alerts.run import AlertFilter, follow_alerts, show_alerts
    from streams.cli.shared.output import json_wanted
    from streams.config import load_settings

    if as_json and form not in (None, "json"):
        raise click.UsageError(f"--json and --format {form} can't be used together.", click.get_current_context())
    settings, wanted = load_settings(config), AlertFilter(severity, rule, finding)
    form = form or ("json" if json_wanted(as_json) else "table")
    if follow:
        return follow_alerts(settings, wanted, since, form)
    return show_alerts(settings, wanted, since, form, every=every or finding is not None)
