"""`straymail console`: the live page of findings."""

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
    "0 stopped when asked to, 1 the port is taken, 2 called or configured wrongly.",
)


@click.command(epilog=EPILOG)
@config_option
@click.option("--host", help="Address to listen on; one beyond loopback needs console.token or console.user_header.")
@click.option("--port", type=click.IntRange(1, 65_535), help="Port to listen on.  [default: 6080]")
def console(config: Path | None, host: str | None, port: int | None) -> None:
    """Serve a page with the findings of mail.alerts, live, and a JSON API; read-only.

    It keeps what it shows in memory, commits nothing, and may run as often as wanted.
    """
    from streams.config import load_settings
    from streams.console.server import run_console

    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = load_settings(config, {"console": given} if given else None)
    run_console(settings.console_inputs(), lambda address: click.echo(f"The console is at {address} (Ctrl-C stops it)"))
