"""`straymail topics`: make the topics, and look whether they are as they should be."""

from __future__ import annotations

from pathlib import Path

import click

from streams.cli.shared.options import config_option, epilog, json_option, wait_option

EPILOG = epilog(
    """
    straymail topics create
    straymail topics create --wait 60
    straymail topics check --wait 300
    """,
    "0 all topics are as they should be, 1 they aren't or no broker answers, 2 called or configured wrongly.",
)


@click.group(epilog=EPILOG)
def topics() -> None:
    """Make the topics of the pipeline, or check them."""


@topics.command(epilog=EPILOG)
@config_option
@json_option
@wait_option
def create(config: Path | None, as_json: bool, wait: float) -> int:
    """Make the topics that are missing, as the settings say; leave the others as they are.

    Waits for a broker to answer, and for each topic to have leaders.
    """
    from streams.cli.topics.run import created
    from streams.config import load_settings

    return created(load_settings(config), as_json=as_json, limit_s=wait)


@topics.command(epilog=EPILOG)
@config_option
@json_option
@wait_option
def check(config: Path | None, as_json: bool, wait: float) -> int:
    """Look at the topics, their partitions and their retention, and tell what is wrong and what to do.

    Waits for a broker to answer, and for somebody to make what is missing.
    """
    from streams.cli.topics.run import checked
    from streams.config import load_settings

    return checked(load_settings(config), as_json=as_json, limit_s=wait)
