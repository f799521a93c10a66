"""Logs of Debian's sendmail."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cache import UnavailableError
from tests.sources.long_logs.compare import check
from tests.sources.long_logs.life import gone_later, hundred, international
from tests.sources.long_logs.receiver import HOST, Receiver
from tests.sources.long_logs.sendmail import Sendmail

pytestmark = pytest.mark.mail
QUEUE_SECONDS = 60.0
OTHER_HOST = "127.0.0.8"


def sendmail(name: str, relay: tuple[str, int], host: str = "127.0.0.1", log: Path | None = None) -> Sendmail:
    """An instance; skips the test where it can't run."""
    try:
        return Sendmail(name, relay, host, log)
    except UnavailableError as reason:
        pytest.skip(str(reason))


def test_as_it_is_installed() -> None:
    with Receiver() as receiver, sendmail("mx1.mod.example", (HOST, receiver.port)) as server:
        submitted = server.submit(hundred([international], [gone_later]))
        server.wait_done(QUEUE_SECONDS)
        check("sendmail", [server.log], submitted, receiver.received, subjects=False)


def test_of_two_hosts() -> None:
    """The first one sends its mail to the second one; both log to one place."""
    with (
        Receiver() as receiver,
        sendmail("mx2.mod.example", (HOST, receiver.port), OTHER_HOST) as outer,
        sendmail("mx1.mod.example", (OTHER_HOST, outer.port), log=outer.log) as inner,
    ):
        submitted = inner.submit(hundred([international], [gone_later]))
        inner.wait_done(QUEUE_SECONDS)
        outer.wait_done(QUEUE_SECONDS)
        check("sendmail", [outer.log], submitted, receiver.received, subjects=False)
