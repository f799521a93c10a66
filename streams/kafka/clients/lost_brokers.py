"""Notices a librdkafka client that has lost all brokers and won't look for any again.

A broker that has just started may answer before it is registered, and list no broker. librdkafka from 2.10 on (2.16
too) then drops all that it knows, and at times also the addresses that it was configured with: such a client is silent
for ever, and no call and no callback reports it (https://github.com/confluentinc/librdkafka/issues/5301). But then its
statistics have no broker, while brokers that can't be reached are in them.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

REPORT_MS = 5_000
SOURCES = ('"source":"learned"', '"source":"configured"')
"""Of brokers in a client's statistics. A group's coordinator is there besides, without an address of its own."""

log = logging.getLogger(__name__)


class LostBrokers:
    """Whether one client has lost all brokers (`found`); `config` is the configuration that it needs for this.

    They must be missing twice in a row: whenever none can be reached, librdkafka replaces their addresses.
    """

    def __init__(self) -> None:
        self.found = self._are_missing = False
        self.config: Mapping[str, Any] = {"statistics.interval.ms": REPORT_MS, "stats_cb": self}

    def __call__(self, statistics: str) -> None:
        """Take statistics of the client, as JSON; called while the client is polled."""
        were_missing, self._are_missing = self._are_missing, not any(source in statistics for source in SOURCES)
        self.found = were_missing and self._are_missing
        if self.found:
            log.warning("a Kafka client has lost the addresses of all brokers: a new one takes its place")
