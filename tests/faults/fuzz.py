"""A fuzzer for the decoder of mail events: known records, mutated at random."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import islice

import orjson

from tests.events.test_mail_fuzz import PIECES, check_outcome
from tests.faults.harness import Figures, Size
from tests.faults.malformed import KINDS
from tests.pipeline.mail import mail_events

Mutation = Callable[[random.Random, bytes, bytes], bytes]


def fuzzed_decoder(seed: int, size: Size) -> Figures:
    """A million records, made from good and bad ones by cutting, doubling, mixing and flipping bits: each gives an
    event or a reason, and nothing else."""
    rng = random.Random(seed)
    known = _known(seed)
    accepted = sum(check_outcome(_mutated(rng, known)) for _ in range(size.many))
    assert 0 < accepted < size.many
    return {"inputs": size.many, "accepted": accepted}


def _known(seed: int) -> list[bytes]:
    """A hundred good records, and one of each bad kind."""
    events = list(islice(mail_events(1_000, seed=seed, slips=0.2), 100))
    bad = [value for make in KINDS.values() if (value := make(events[0])) and len(value) < 2_000]
    return [orjson.dumps(event) for event in events] + bad


def _mutated(rng: random.Random, known: list[bytes]) -> bytes:
    value = rng.choice(known)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        value = rng.choice(MUTATIONS)(rng, value, rng.choice(known))
    return value


def _span(rng: random.Random, value: bytes) -> tuple[int, int]:
    begin = rng.randrange(len(value) + 1)
    return begin, min(len(value), begin + rng.choice((0, 1, 1, 3, 20)))


def _put(rng: random.Random, value: bytes, _other: bytes) -> bytes:
    begin, end = _span(rng, value)
    return value[:begin] + rng.choice(PIECES) + value[end:]


def _cut(rng: random.Random, value: bytes, _other: bytes) -> bytes:
    begin, end = _span(rng, value)
    return value[:begin] + value[end:]


def _double(rng: random.Random, value: bytes, _other: bytes) -> bytes:
    begin, end = _span(rng, value)
    return value[:end] + value[begin:]


def _mix(rng: random.Random, value: bytes, other: bytes) -> bytes:
    return value[: rng.randrange(len(value) + 1)] + other[rng.randrange(len(other)) :]


def _flip(rng: random.Random, value: bytes, _other: bytes) -> bytes:
    if not value:
        return value
    at = rng.randrange(len(value))
    return value[:at] + bytes([value[at] ^ 1 << rng.randrange(8)]) + value[at + 1 :]


MUTATIONS: tuple[Mutation, ...] = (_put, _put, _cut, _double, _mix, _flip)
