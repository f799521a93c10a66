"""`straymail forget`: erase persons and domains from the memory."""

from __future__ import annotations

from pathlib import Path

import click

from streams.cli.shared.options import config_option, epilog

EPILOG = epilog(
    """
    straymail forget j.smith@army.mil
    straymail forget army.ml
    """,
    "0 erased, 1 Kafka failed, 2 wrong usage or configuration.",
)


@click.command(epilog=EPILOG)
@click.argument("names", metavar="ADDRESS|DOMAIN...", nargs=-1, required=True)
@config_option
def forget(names: tuple[str, ...], config: Path | None) -> int:
    """Erase persons and domains from the memory, and bar them from it.

    Running workers forget them within seconds, and neither mail nor `straymail learn` brings them back. Kafka deletes
    the erased records within 7 days. Only digests are kept, so persons at a
    domain are forgotten address by address.
    """
    from streams.cli.forget.run import run_forget

    return run_forget(names, config)
