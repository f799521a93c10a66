"""`straymail worker`: score and count until told to stop."""

from __future__ import annotations

import logging
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from streams.cli.shared.options import config_option, epilog
from streams.kafka.malloc import bound_malloc

if TYPE_CHECKING:
    from streams.config import Settings

EPILOG = epilog(
    """
    straymail worker
    straymail worker --config /etc/straymail.yaml
    """,
    "0 stopped when asked to, 1 failed (and nothing was committed that wasn't delivered), 2 configured wrongly.",
)


@click.command(epilog=EPILOG)
@config_option
def worker(config: Path | None) -> None:
    """Read mail events, score them, count slips and publish alerts, until stopped.

    Workers of one pipeline share the work: start as many as mail.events has partitions. SIGTERM and SIGINT stop a
    worker when the batches at work are done and committed.
    """
    from streams.config import load_settings

    settings = load_settings(config)
    log_to_stderr(settings.log_level)
    run(settings)


def log_to_stderr(level: str) -> None:
    """One line an entry; of Faust's and aiokafka's only what went wrong, since they tell each step of each service."""
    logging.basicConfig(level=level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    if level == "INFO":
        for name in ("faust", "mode", "aiokafka"):
            logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("aiokafka.conn").setLevel(logging.INFO)  # at DEBUG it logs requests, and so the password of PLAIN


def check_port(host: str, port: int) -> None:
    """Raise ConfigurationError where health and metrics can't be served there: Faust would tell it in a traceback."""
    from streams.errors import ConfigurationError

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host, port), family=family):
            pass
    except OSError as error:
        where = f"{host}, port {port}"
        raise ConfigurationError(
            f"web.host and web.port: can't listen on {where} ({error.strerror}): set STRAYMAIL_WEB_PORT to a free one"
        ) from error


def run(settings: Settings) -> None:
    """Make the topics where that is allowed, and work until a signal comes; ends the process."""
    bound_malloc()
    check_port(settings.web.host, settings.web.port)
    from streams.kafka.topics.admin import create_topics

    if settings.topics.create:
        create_topics(settings)
    sys.argv = sys.argv[:1]  # `import faust` reads options of its own from the command line
    from streams.worker.pipeline import run_worker

    run_worker(settings)
