"""straymail's own mail events as JSON lines, written by other tools or by `straymail import -o`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from streams.events.mail import MailEvent, decode
from streams.sources.source import Source


@dataclass
class JsonLines(Source):
    """Reads one event a line, unchanged."""

    kind: ClassVar[str] = "jsonl"

    def read(self, record: bytes) -> Iterable[MailEvent]:
        return (decode(record, now_ms=None),)
