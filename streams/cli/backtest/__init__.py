"""`straymail backtest`: run the whole detection over past mail."""

from __future__ import annotations

from pathlib import Path

import click

from streams.cli.shared.options import config_option, epilog, json_option, timezone_option, year_option
from streams.sources.registry import SOURCES

EPILOG = epilog(
    """
    straymail backtest postfix /var/log/mail.log*
    straymail backtest m365 MessageTrace*.csv --watchlist watchlist.yaml --report leaks.html
    straymail backtest jsonl events.jsonl.gz --json | jq .leaks[0]
    """,
    "0 done, 1 some records could not be read, 2 wrong usage or configuration.",
)


@click.command(epilog=EPILOG)
@click.argument("source", metavar="SOURCE", type=click.Choice(list(SOURCES)))
@click.argument("files", nargs=-1, required=True, type=click.Path(allow_dash=True))
@config_option
@json_option
@click.option(
    "--watchlist",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Watchlist to use instead of the configured one.",
)
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Write an HTML report to this file.")
@click.option("--title", default="Mail to mistyped domains", show_default=True, help="Title of the report.")
@click.option(
    "--alerts",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write every alert to this file, one JSON object per line.",
)
@click.option(
    "--groups",
    type=click.Path(dir_okay=False, path_type=Path),
    help="CSV file of sender groups: an address or a domain, and its group.",
)
@click.option("--jobs", type=click.IntRange(1, 256), help="Number of scoring processes; default: one for each core.")
@timezone_option
@year_option
def backtest(
    source: str,
    files: tuple[str, ...],
    config: Path | None,
    as_json: bool,
    watchlist: Path | None,
    report: Path | None,
    title: str,
    alerts: Path | None,
    groups: Path | None,
    jobs: int | None,
    timezone: str | None,
    year: int | None,
) -> int:
    """Run the whole detection over past mail, without Kafka.

    Shows what leaked where, and which alerts there would have been. All times are those of the mails,
    whatever the order of the files.

    SOURCE is the kind of log: postfix, exim, sendmail, m365, exchange, defender, google, zeek, suricata, mbox, eml or
    jsonl. FILES may be compressed; - is stdin.
    """
    from streams.cli.backtest.run import BacktestRequest, run_backtest

    return run_backtest(
        BacktestRequest(
            source=source,
            files=files,
            config=config,
            as_json=as_json,
            watchlist=watchlist,
            report=report,
            title=title,
            alerts=alerts,
            groups=groups,
            jobs=jobs,
            timezone=timezone,
            year=year,
        )
    )
