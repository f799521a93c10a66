"""Which source a file is likely for: the one that finds most mails in its first records."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice

from streams.errors import UnreadableRecord, UsageError
from streams.sources.files import modified_ms, records
from streams.sources.registry import SOURCES, source_named

RECORDS_TRIED = 500


def likely_source(name: str, *, other_than: str) -> str | None:
    """The source for this file where it isn't the one that found no mail in it; None where no other finds one."""
    mails = {kind: _mails_in(name, kind) for kind in SOURCES if kind != other_than}
    best = max(mails, key=mails.__getitem__)
    return best if mails[best] else None


def _mails_in(name: str, kind: str) -> int:
    """How many events the source finds; none where it can't read the file at all."""
    source, found = source_named(kind), 0
    with suppress(UsageError):
        source.begin_file(modified_ms(name))
        for record in islice(records(name, source.framing, lambda _: None), RECORDS_TRIED):
            if len(record.value) <= source.record_bytes:
                with suppress(UnreadableRecord):
                    found += sum(1 for _ in source.read(record.value))
        found += sum(1 for _ in source.finish())
    return found
