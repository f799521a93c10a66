"""Records that should not be there."""

from __future__ import annotations

import random
from collections.abc import Iterator

import orjson

from tests.faults.ground import Figures, Ground
from tests.faults.stream import Made
from tests.pipeline.mail import mail_events

LARGE_BYTES = 1_900_000
"""Of hexadecimal digits: zstd makes half of it, which mail.events takes; lz4 hardly less, which no topic takes."""


def bad_records(ground: Ground) -> Figures:
    """One record in ten is bad, in each of the known ways."""
    ground.add_workers(2)
    ground.stream(bad=0.1).join()
    return ground.finish(may_repeat=False)


def large_records(ground: Ground) -> Figures:
    """Compressed records that, once unpacked, are larger than any topic takes, good ones and bad: a bad one is
    cut, and its dead letter is marked as cut."""
    ground.add_workers(2)
    ground.send(_large(ground), compression="zstd").join()
    figures = ground.finish(may_repeat=False)
    assert figures["cut"], "no dead letter was cut"
    return figures


def _large(ground: Ground) -> Iterator[Made]:
    """The usual events, of which some are large."""
    rng, every = random.Random(ground.seed), ground.size.records // (5 * ground.size.times)
    for number, event in enumerate(mail_events(ground.size.records, seed=ground.seed)):
        if number % every:
            yield Made(event["sender"], orjson.dumps(event))
            continue
        value = orjson.dumps(event | {"more": rng.randbytes(LARGE_BYTES // 2).hex()})
        is_bad = number // every % 2 == 0
        yield Made(event["sender"], value[:-1] if is_bad else value, is_bad)
