"""Reads a log in a test: its events, the problems reported, and the summary."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from streams.events.mail import MailEvent, decode, encode
from streams.sources.files import Problem
from streams.sources.read import ReadSummary, read_files
from streams.sources.registry import source_named
from streams.sources.source import SourceOptions
from tests.schemas.load import is_valid

SAMPLES = Path(__file__).parents[1] / "data" / "sources"
IN_2026 = SourceOptions(year=2026)


def read(
    name: str, files: Sequence[Path | str], options: SourceOptions = IN_2026
) -> tuple[list[MailEvent], list[Problem], ReadSummary]:
    """All events of the files, each checked to be one that the pipeline accepts; the problems; the summary."""
    problems: list[Problem] = []
    summary = ReadSummary()
    source = source_named(name, options)
    events = list(read_files(source, [str(file) for file in files], summary, problems.append, now_ms=0))
    for event in events:
        value = encode(event)
        assert decode(value, now_ms=None) == event
        assert is_valid("mail-event", orjson.loads(value))
    assert summary.events == len(events)
    assert sum(summary.problems.values()) == len(problems)
    return events, problems, summary


def by_message_id(events: Sequence[MailEvent]) -> dict[str, tuple[Any, ...]]:
    """Sender, recipients and delivery of each mail by its message id; each mail has one event."""
    mails = {event.message_id or "": (event.sender, sorted(event.recipients), event.delivery) for event in events}
    assert len(mails) == len({event.id for event in events})
    return mails
