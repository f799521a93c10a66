"""Our own mail events as JSON lines: what other tools write, and what `straymail import -o` wrote."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from streams.events.mail import MailEvent, decode
from streams.sources.source import Source


@dataclass
class JsonLines(Source):
    """One line is one event, taken as it is."""

    kind: ClassVar[str] = "jsonl"

    def read(self, record: bytes) -> Iterable[MailEvent]:
        return (decode(record, now_ms=None),)
