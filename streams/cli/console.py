"""`straymail console`: a live page of findings."""

from __future__ import annotations

from pathlib import Path

import click

from streams.cli.shared.options import config_option, epilog

EPILOG = epilog(
    """
    straymail console
    straymail console --port 8080
    STRAYMAIL_CONSOLE_TOKEN_FILE=/run/secrets/console straymail console --host 0.0.0.0
    """,
    "0 stopped by a signal, 1 failed, 2 wrong usage or configuration.",
)


@click.command(epilog=EPILOG)
@config_option
@click.option("--host", help="Address to listen on; any but loopback requires console.token or console.user_header.")
@click.option("--port", type=click.IntRange(1, 65_535), help="Port to listen on.  [default: 6080]")
def console(config: Path | None, host: str | None, port: int | None) -> None:
    """Serve a live page of the findings, where people decide on them, and a JSON API.

    Everything shown is kept in memory and no offsets are committed, so any number of consoles may run. Decisions are
    stored in mail.triage, which all consoles read.
    """
    from streams.cli.shared.log_format import log_to_stderr
    from streams.config import load_settings
    from streams.console.server import run_console
    from streams.kafka.malloc import bound_malloc

    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = load_settings(config, {"console": given} if given else None)
    log_to_stderr(settings.log_level)
    bound_malloc()
    run_console(settings.console_inputs(), lambda address: click.echo(f"The console is at {address} (Ctrl-C stops it)"))
