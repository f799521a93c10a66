"""`straymail demo`: the whole pipeline on sample mail, in a minute."""

from __future__ import annotations

import click

from streams.cli.shared.options import epilog

EPILOG = epilog(
    """
    straymail demo
    straymail demo --brokers kafka1:9092 --keep
    """,
    "0 every event was read and every slip found, 1 something failed, 2 called wrongly.",
)


@click.command(epilog=EPILOG)
@click.option("--brokers", metavar="HOST:PORT", help="A Kafka of yours, in place of a broker inside this process.")
@click.option("--keep", is_flag=True, help="Go on until Ctrl-C, to look around.")
def demo(brokers: str | None, keep: bool) -> int:
    """Start a broker and a worker, send sample mail of a day and a half, and show what is found.

    Nothing of the environment counts but STRAYMAIL_SECURITY_*, for --brokers. There, topics with a prefix of their own
    are made and deleted again. Nothing is left behind.
    """
    from streams.cli.demo.run import demonstrate

    return demonstrate(brokers, keep=keep)
