"""`straymail alerts`: list findings and follow them."""

from __future__ import annotations

from pathlib import Path

import click

from streams.cli.shared.options import config_option, epilog, follow_option, json_option, severity_option, since_option

EPILOG = epilog(
    """
    straymail alerts
    straymail alerts --severity high --since 24h
    straymail alerts --follow --json | jq .finding_info.title
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
@click.option("--format", "form", type=click.Choice(["json", "csv"]), help="Write for programs, even on a terminal.")
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
    state of a finding is shown as it arrives.
    """
    from streams.cli.alerts.run import AlertFilter, follow_alerts, show_alerts
    from streams.config import load_settings

    if as_json and form == "csv":
        raise click.UsageError("--json and --format csv can't be used together.", click.get_current_context())
    settings, wanted = load_settings(config), AlertFilter(severity, rule, finding)
    as_json, as_csv = as_json or form == "json", form == "csv"
    if follow:
        return follow_alerts(settings, wanted, since, as_json=as_json, as_csv=as_csv)
    every = every or finding is not None
    return show_alerts(settings, wanted, since, as_json=as_json, as_csv=as_csv, every=every)
