"""`straymail worker`: score mail events and count hits until stopped."""

from __future__ import annotations

import logging
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from streams.cli.shared.log_format import log_to_stderr
from streams.cli.shared.options import config_option, epilog
from streams.kafka.malloc import bound_malloc

if TYPE_CHECKING:
    from streams.config import Settings

log = logging.getLogger(__name__)
EPILOG = epilog(
    """
    straymail worker
    straymail worker --config /etc/straymail.yaml
    """,
    "0 stopped by a signal, 1 failed (nothing undelivered was committed), 2 wrong usage or configuration.",
)


@click.command(epilog=EPILOG)
@config_option
def worker(config: Path | None) -> None:
    """Score mail events, count slips and publish alerts.

    A worker runs until it is stopped. Workers of a pipeline share its partitions: start up to as many as mail.events
    has. SIGTERM and SIGINT stop a worker once the batches in flight are done and committed.
    """
    from streams.early_stop import stop_at_once_on_signals

    stop_at_once_on_signals()
    from streams.config import load_settings

    settings = load_settings(config)
    log_to_stderr(settings.log_level)
    run(settings)


def check_port(host: str, port: int) -> None:
    """Raise ConfigurationError if the web server can't listen there; Faust would log only a traceback."""
    from streams.errors import ConfigurationError
    from streams.networks import why_not_usable

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host, port), family=family):
            pass
    except OSError as error:
        raise ConfigurationError(
            f"web.host and web.port: can't listen on {host}, port {port} ({why_not_usable(error)}): set an address of "
            "this machine, and a free port"
        ) from error


def warn_of_secrets(settings: Settings) -> None:
    """Log what `straymail check` finds about keys and their files. Raises ConfigurationError for an unreadable key."""
    from streams.cli.shared.secret_checks import start_warnings

    for line in start_warnings(settings):
        log.warning("%s: %s: %s", line.subject, line.what, line.remedy)


def run(settings: Settings) -> None:
    """Wait for Kafka, create missing topics if `topics.create` is set, run the worker until a signal, and end the
    process."""
    bound_malloc()
    check_port(settings.web.host, settings.web.port)
    warn_of_secrets(settings)
    from streams.worker.wait_for_kafka import wait_for_kafka

    wait_for_kafka(settings)
    sys.argv = sys.argv[:1]  # `import faust` parses the command line for options of its own
    from streams.worker.pipeline import run_worker

    run_worker(settings)
