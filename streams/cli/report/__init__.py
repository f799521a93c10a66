"""`straymail report`: what a pipeline has found, as a page to send on."""

from __future__ import annotations

from pathlib import Path

import click

from streams.cli.shared.options import Moment, config_option, epilog

EPILOG = epilog(
    """
    straymail report week.html
    straymail report month.html --since 30d --groups departments.csv --title "July"
    """,
    "0 done, 1 Kafka doesn't answer, 2 wrong usage or configuration.",
)


@click.command(epilog=EPILOG)
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@config_option
@click.option(
    "--since",
    type=Moment(),
    default="7d",
    show_default=True,
    help="Mail since: a duration ago (24h, 30d), or a time (2026-07-17T08:00:00Z). Kafka keeps what retention leaves.",
)
@click.option(
    "--groups",
    type=click.Path(dir_okay=False, path_type=Path),
    help="CSV file of sender groups: an address or a domain, and its group.",
)
@click.option("--title", default="Mail to mistyped domains", show_default=True, help="Title of the report.")
def report(file: Path, config: Path | None, since: int, groups: Path | None, title: str) -> int:
    """Write the report of a week, or of another time, to FILE, as one HTML page.

    It shows the leaks by department, what the gate prevented, what people have made of the findings, who does it again,
    what to register and what to allow. It is made of the hits, the alerts and the decisions that are in Kafka now.
    """
    from streams.cli.report.run import write_report

    return write_report(file, config, since, groups, title=title)
