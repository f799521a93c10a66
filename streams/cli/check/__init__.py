"""`straymail check`: whether a worker could start."""

from __future__ import annotations

from pathlib import Path

import click

from streams.cli.shared.options import config_option, epilog, json_option, wait_option

EPILOG = epilog(
    """
    straymail check --config straymail.yaml
    straymail check --strict --json | jq 'select(.level != "ok")'
    """,
    "0 a worker can start (there may be warnings), 1 Kafka isn't ready, or a warning with --strict, "
    "2 wrong usage, or the configuration or the watchlist can't be used.",
)


@click.command(epilog=EPILOG)
@config_option
@json_option
@wait_option
@click.option("--strict", is_flag=True, help="Treat warnings as errors (exit code 1).")
@click.option("--offline", is_flag=True, help="Don't check Kafka.")
def check(config: Path | None, as_json: bool, wait: float, strict: bool, offline: bool) -> int:
    """Check whether a worker could start.

    Checks configuration, watchlist, privacy and Kafka, and reports line by line what is wrong and how to fix it. What a
    gate, the console or `straymail notify` would refuse is an error too.
    """
    from streams.cli.check.run import run_checks

    return run_checks(config, as_json=as_json, strict=strict, limit_s=None if offline else wait)
