"""Bad and oversized records."""

from __future__ import annotations

import random
from collections.abc import Iterator

import orjson

from tests.faults.harness import Figures, Harness
from tests.faults.stream import SentRecord
from tests.pipeline.mail import mail_events

LARGE_BYTES = 1_900_000
"""Of hexadecimal digits: zstd halves it, so that mail.events accepts it; lz4 hardly shrinks it, so that no topic
does."""


def bad_records(harness: Harness) -> Figures:
    """One record in ten is bad, in each of the known ways."""
    harness.add_workers(2)
    harness.stream(bad=0.1).join()
    return harness.finish(may_repeat=False)


def large_records(harness: Harness) -> Figures:
    """Compressed records that, once unpacked, are larger than any topic takes, good ones and bad: a bad one is
    cut, and its dead letter is marked as cut."""
    harness.add_workers(2)
    harness.send(_large(harness), compression="zstd").join()
    figures = harness.finish(may_repeat=False)
    assert figures["cut"], "no dead letter was cut"
    return figures


def _large(harness: Harness) -> Iterator[SentRecord]:
    """The usual events, of which some are large."""
    rng, every = random.Random(harness.seed), harness.size.records // (5 * harness.size.times)
    for number, event in enumerate(mail_events(harness.size.records, seed=harness.seed)):
        if number % every:
            yield SentRecord(event["sender"], orjson.dumps(event))
            continue
        value = orjson.dumps(event | {"more": rng.randbytes(LARGE_BYTES // 2).hex()})
        is_bad = number // every % 2 == 0
        yield SentRecord(event["sender"], value[:-1] if is_bad else value, is_bad)
