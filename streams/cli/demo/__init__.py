"""`straymail demo`: run the whole pipeline on sample mail, in a minute."""

from __future__ import annotations

import click

from streams.cli.shared.options import epilog

EPILOG = epilog(
    """
    straymail demo
    straymail demo --brokers kafka1:9092 --keep
    """,
    "0 every event was read, 1 something failed, 2 wrong usage.",
)


@click.command(epilog=EPILOG)
@click.option("--brokers", metavar="HOST:PORT", help="Use your own Kafka instead of a broker inside this process.")
@click.option("--keep", is_flag=True, help="Keep running until Ctrl-C, to look around.")
def demo(brokers: str | None, keep: bool) -> int:
    """Run the whole pipeline on sample mail, in a minute.

    Starts a broker, a worker and a console, publishes a day and a half of sample mail, and shows what is found. Of all
    settings only STRAYMAIL_SECURITY_* are used, for --brokers. On your own Kafka, topics with a separate prefix are
    created, and deleted at the end.
    """
    from streams.cli.demo.run import demonstrate
    from streams.errors import UsageError
    from streams.kafka.settings import parse_brokers

    try:
        brokers = None if brokers is None else parse_brokers(brokers)
    except ValueError as error:
        raise UsageError(f"--brokers: {error}") from None
    return demonstrate(brokers, keep=keep)
