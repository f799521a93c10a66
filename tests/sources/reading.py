"""Reads a log in a test: the events, and what was told of what could not be read."""

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
from tests.schemas.loading import is_valid

SAMPLES = Path(__file__).parents[1] / "data" / "sources"
IN_2026 = SourceOptions(year=2026)


def read(
    name: str, files: Sequence[Path | str], options: SourceOptions = IN_2026
) -> tuple[list[MailEvent], list[Problem], ReadSummary]:
    """All events of the files, each held to what the pipeline takes."""
    problems: list[Problem] = []
    tally = ReadSummary()
    source = source_named(name, options)
    events = list(read_files(source, [str(file) for file in files], tally, problems.append, now_ms=0))
    for event in events:
        value = encode(event)
        assert decode(value, now_ms=None) == event
        assert is_valid("mail-event", orjson.loads(value))
    assert tally.events == len(events)
    assert sum(tally.problems.values()) == len(problems)
    return events, problems, tally


def told(events: Sequence[MailEvent]) -> dict[str, tuple[Any, ...]]:
    """By message id: sender, recipients and delivery, where each mail was told once."""
    found = {event.message_id or "": (event.sender, sorted(event.recipients), event.delivery) for event in events}
    assert len(found) == len({event.id for event in events})
    return found
