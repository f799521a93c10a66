"""Checks what each process needs of the settings to start, by the code with which that process refuses them."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from urllib.request import urlopen

from streams.cli.notify.channels import channel_transports
from streams.cli.notify.run import check_can_notify
from streams.cli.shared.check_lines import CheckLine
from streams.cli.worker import check_port
from streams.config import Settings
from streams.console.access import access_of
from streams.errors import ConfigurationError, StraymailError
from streams.kafka.security import librdkafka_config
from streams.notify.smtp import SmtpClient

ANSWER_S = 1.0
OWN_METRIC = b"straymail_build_info"


def need_lines(settings: Settings) -> Iterator[CheckLine]:
    """An error for each part of the settings that a worker, a console or `straymail notify --send` would refuse."""
    for subject, need in _NEEDS.items():
        try:
            need(settings)
        except StraymailError as error:
            yield CheckLine("error", subject, str(error))


def _dns(settings: Settings) -> None:
    if settings.dns.enabled:
        from streams.dns.questions import Questions  # needs an extra

        Questions(settings.dns.servers, settings.dns.timeout_s)


def _web(settings: Settings) -> None:
    """A worker that runs here already, by these settings, is no reason to refuse them."""
    host, port = settings.web.host, settings.web.port
    try:
        check_port(host, port)
    except ConfigurationError as error:
        is_in_use = isinstance(error.__cause__, OSError) and error.__cause__.errno == errno.EADDRINUSE
        if not is_in_use or not _is_our_worker(host, port):
            raise


def _is_our_worker(host: str, port: int) -> bool:
    try:
        with urlopen(f"http://{f'[{host}]' if ':' in host else host}:{port}/metrics", timeout=ANSWER_S) as page:
            return OWN_METRIC in page.read()
    except OSError:
        return False


def _console(settings: Settings) -> None:
    settings.console_inputs()
    access_of(settings.console)


def _notify(settings: Settings) -> None:
    if settings.notify.from_address is not None:  # nothing can be sent without it
        check_can_notify(settings, send=True)
        SmtpClient(settings.notify)
    if settings.notify.channels:
        channel_transports(settings)


_NEEDS: dict[str, Callable[[Settings], object]] = {
    "security": librdkafka_config,
    "web": _web,
    "dns": _dns,
    "console": _console,
    "notify": _notify,
}
