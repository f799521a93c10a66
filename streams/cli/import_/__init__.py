"""`straymail import`: convert the logs of a mail system into mail events."""

from __future__ import annotations

from pathlib import Path

import click

from streams.cli.import_.plan import DEFAULT_PREFIX, Plan
from streams.cli.shared.options import config_option, epilog, timezone_option, year_option
from streams.sources.registry import SOURCES

EPILOG = epilog(
    """
    straymail import postfix --dry-run /var/log/mail.log | head
    straymail import postfix /var/log/mail.log* --finish
    straymail import postfix --follow --position /var/lib/straymail/mail.position /var/log/mail.log
    straymail import m365 MessageTrace.csv -o events.jsonl
    straymail import defender --from-topic emailevents --from-config eventhubs.yaml --position defender.position
    straymail import --finish
    """,
    "0 done, 1 some records could not be read, or Kafka failed, 2 wrong usage or configuration.",
)


@click.command("import", epilog=EPILOG)
@click.argument("source", metavar="[SOURCE]", type=click.Choice(list(SOURCES)), required=False)
@click.argument("files", nargs=-1, type=click.Path(allow_dash=True))
@config_option
@click.option("--dry-run", is_flag=True, help="Send nothing; write the events to stdout, one JSON object per line.")
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Send nothing; write the events to this file.",
)
@click.option("--prefix", default=DEFAULT_PREFIX, show_default=True, help="Topic prefix of the pipeline for history.")
@click.option("--live", is_flag=True, help="Send as live mail; mails older than the allowed lateness count as late.")
@click.option(
    "--finish", is_flag=True, help="End the history: wait until workers have read it, then close all windows."
)
@click.option(
    "--follow", "-f", is_flag=True, help="Keep reading lines appended to the file, as live mail, until Ctrl-C."
)
@click.option(
    "--position",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File that stores the position of --follow or --from-topic.",
)
@click.option("--from-start", is_flag=True, help="Let --follow or --from-topic begin at the start, not at the end.")
@click.option("--from-topic", metavar="TOPIC", help="Keep reading the records of a topic, as live mail, until Ctrl-C.")
@click.option(
    "--from-config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Configuration of the Kafka of --from-topic, such as Event Hubs; default: the one that events are sent to.",
)
@timezone_option
@year_option
@click.option("--name", help="Value of the events' `source` field; default: SOURCE.")
def import_(
    source: str | None,
    files: tuple[str, ...],
    config: Path | None,
    dry_run: bool,
    output: Path | None,
    prefix: str,
    live: bool,
    finish: bool,
    follow: bool,
    position: Path | None,
    from_start: bool,
    from_topic: str | None,
    from_config: Path | None,
    timezone: str | None,
    year: int | None,
    name: str | None,
) -> int:
    """Convert the logs of a mail system into mail events.

    The events are sent as history to separate topics, or as live mail (--live, --follow, --from-topic).

    SOURCE is the kind of log: postfix, exim, sendmail, m365, exchange, defender, google, zeek, suricata, mbox, eml or
    jsonl. FILES may be compressed, and rotated ones may be given in any order; - is stdin. History goes to topics
    with a prefix of their own; workers with STRAYMAIL_HISTORY=true and that STRAYMAIL_TOPIC_PREFIX read them, and
    --finish closes the windows.
    """
    from streams.cli.import_.run import run_import

    plan = Plan(
        source=source,
        files=files,
        config=config,
        to_lines=dry_run or output is not None,
        output=None if dry_run else output,
        prefix=None if live or follow or from_topic else prefix,
        finish=finish,
        follow=follow,
        position=position,
        from_start=from_start,
        from_topic=from_topic,
        from_config=from_config,
        timezone=timezone,
        year=year,
        name=name,
    )
    return run_import(plan)
