"""`straymail learn`: fill the memory from the logs of a mail system."""

from __future__ import annotations

from pathlib import Path

import click

from streams.cli.shared.options import config_option, epilog, timezone_option, year_option
from streams.sources.registry import SOURCES

EPILOG = epilog(
    """
    straymail learn postfix --dry-run /var/log/mail.log*
    straymail learn postfix /var/log/mail.log*
    straymail learn m365 --name m365-trace MessageTrace.csv
    """,
    "0 done, 1 some records could not be read, or Kafka failed, 2 wrong usage or configuration.",
)


@click.command(epilog=EPILOG)
@click.argument("source", metavar="SOURCE", type=click.Choice(list(SOURCES)))
@click.argument("files", nargs=-1, required=True, type=click.Path(allow_dash=True))
@config_option
@click.option("--dry-run", is_flag=True, help="Write nothing, and use no Kafka; show what would be learned.")
@timezone_option
@year_option
@click.option("--name", help="Value of the events' `source` field, for knowledge.silent_sources; default: SOURCE.")
def learn(
    source: str,
    files: tuple[str, ...],
    config: Path | None,
    dry_run: bool,
    timezone: str | None,
    year: int | None,
    name: str | None,
) -> int:
    """Fill the memory from the logs of a mail system.

    Learns who is written to at watched domains, and what mail was exchanged with domains near them, as workers do from
    live mail. Nothing is scored or published. Running workers use it within seconds.

    SOURCE is the kind of log: postfix, exim, sendmail, m365, exchange, defender, google, zeek, suricata, mbox, eml or
    jsonl. FILES may be compressed, and rotated ones may be given in any order; - is stdin. Repeats do no harm.
    """
    from streams.cli.learn.run import LearnRequest, run_learn

    return run_learn(LearnRequest(source, files, config, dry_run, timezone, year, name))
