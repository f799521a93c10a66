"""`straymail topics`: create the pipeline's topics and check them."""

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
    "0 every topic is fine, 1 a topic has an error or no broker answers, 2 wrong usage or configuration.",
)


@click.group(epilog=EPILOG)
def topics() -> None:
    """Create the topics of the pipeline, or check them."""


@topics.command(epilog=EPILOG)
@config_option
@json_option
@wait_option
def create(config: Path | None, as_json: bool, wait: float) -> int:
    """Create missing topics; existing ones are not changed.

    Waits until a broker answers and all new partitions have a leader.
    """
    from streams.cli.topics.run import run_create
    from streams.config import load_settings

    return run_create(load_settings(config), as_json=as_json, limit_s=wait)


@topics.command(epilog=EPILOG)
@config_option
@json_option
@wait_option
def check(config: Path | None, as_json: bool, wait: float) -> int:
    """Check the topics; report what is wrong and how to fix it.

    Compares existence, partitions and retention with the settings. Waits until a broker answers and no topic has an
    error.
    """
    from streams.cli.topics.run import run_check
    from streams.config import load_settings

    return run_check(load_settings(config), as_json=as_json, limit_s=wait)
