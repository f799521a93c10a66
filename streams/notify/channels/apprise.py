"""The only door to Apprise, which knows the channels' protocols (an extra).

URLs are secrets: nothing that Apprise or its HTTP client logs is passed on but the status of an answer.
"""

from __future__ import annotations

import logging
import re

from streams.errors import ConfigurationError
from streams.notify.channels.channel import NotSentError
from streams.notify.channels.message import ChannelMessage
from streams.notify.settings import ChannelSettings
from streams.severity import Severity

try:
    import apprise
    from apprise.common import OverflowMode
except ImportError as error:
    raise ConfigurationError("notify.channels needs the extra channels: pip install 'straymail[channels]'") from error

CONNECT_S, ANSWER_S, WHOLE_S = 10.0, 20.0, 60.0
"""Time limits of a message: until the connection is open, of each read, and in all."""
_STATUS = re.compile(r"error=([1-5]\d\d)\b")
_TYPES = {
    Severity.INFORMATIONAL: apprise.NotifyType.INFO,
    Severity.LOW: apprise.NotifyType.INFO,
    Severity.MEDIUM: apprise.NotifyType.WARNING,
    Severity.HIGH: apprise.NotifyType.FAILURE,
    Severity.CRITICAL: apprise.NotifyType.FAILURE,
}
_ASSET = apprise.AppriseAsset(
    app_id="straymail",
    app_desc="straymail",
    app_url="",
    service_timeout=WHOLE_S,
    storage_mode=apprise.PersistentStoreMode.MEMORY,
    secure_logging=True,
    http_redirects=False,
    async_mode=False,
)
for _name in ("apprise", "urllib3", "requests"):
    _logger = logging.getLogger(_name)
    _logger.propagate = False
    _logger.addHandler(logging.NullHandler())


class AppriseTransport:
    """Sends messages to the URL of one channel. Raises ConfigurationError where Apprise can't use the URL."""

    def __init__(self, settings: ChannelSettings) -> None:
        service = apprise.Apprise.instantiate(settings.secret_url(), asset=_ASSET)
        if service is None:
            raise ConfigurationError(
                f"notify.channels: {settings.name}: its URL is none that Apprise can use: "
                "docs/notify.md has the form of each channel's"
            )
        service.overflow_mode = OverflowMode.TRUNCATE  # one message, and none that is too long to be accepted ever
        service.socket_connect_timeout, service.socket_read_timeout = CONNECT_S, ANSWER_S
        self._channel = apprise.Apprise(asset=_ASSET)
        self._channel.add(service)

    def send(self, message: ChannelMessage) -> None:
        """Return once the message is accepted. Raises NotSentError, unsure where the time limit ended."""
        result = self._channel.notify(
            message.text,
            title=message.title,
            notify_type=_TYPES[message.severity],
            body_format=apprise.NotifyFormat.TEXT,
        )
        if not result:
            raise NotSentError(_reason(result), unsure=result.status == apprise.AppriseResultStatus.TIMEOUT)


def _reason(result: apprise.AppriseResult) -> str:
    if result.status == apprise.AppriseResultStatus.TIMEOUT:
        return f"it took more than {WHOLE_S:g} s, and may have arrived"
    found = (_STATUS.search(entry.message) for entry in result.logs())
    status = next((match[1] for match in found if match), None)
    return f"it answered {status}" if status else "it can't be reached, or didn't accept the message"
