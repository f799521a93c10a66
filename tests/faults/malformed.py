"""Malformed records, made from a valid mail event in every known way."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

import orjson

Event = Mapping[str, Any]


def _changed(**changes: Any) -> Callable[[Event], bytes]:
    return lambda event: orjson.dumps({**event, **changes})


def _without(field: str) -> Callable[[Event], bytes]:
    return lambda event: orjson.dumps({name: value for name, value in event.items() if name != field})


KINDS: Mapping[str, Callable[[Event], bytes | None]] = {
    "tombstone": lambda _: None,
    "no bytes": lambda _: b"",
    "cut short": lambda event: orjson.dumps(event)[:-9],
    "text after it": lambda event: orjson.dumps(event) + b"x",
    "two in one": lambda event: orjson.dumps(event) * 2,
    "a list of it": lambda event: b"[" + orjson.dumps(event) + b"]",
    "in UTF-16": lambda event: orjson.dumps(event).decode().encode("utf-16"),
    "with a byte order mark": lambda event: b"\xef\xbb\xbf" + orjson.dumps(event),
    "Latin-1": lambda event: orjson.dumps(event).replace(b"Movement", b"Mouv\xe9ment"),
    "half a surrogate pair": lambda event: orjson.dumps(event).replace(b"Movement", b"\\ud800"),
    "a line of a log": lambda event: f"Jul 17 mta3 postfix/smtp[812]: to=<{event['recipients'][0]}>".encode(),
    "nested deep": lambda _: b'{"x":' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    "recipients twice": lambda event: orjson.dumps(event)[:-1] + b',"recipients":["a@army.ml"]}',
    "not a number": lambda event: orjson.dumps(event)[:-1] + b',"size":NaN}',
    "no recipients": _changed(recipients=[]),
    "recipients in a string": _changed(recipients="jo@army.ml"),
    "a recipient that is none": _changed(recipients=["jo@army.ml", "nobody"]),
    "a recipient that is a number": _changed(recipients=[7]),
    "10,001 recipients": _changed(recipients=[f"u{number}@army.ml" for number in range(10_001)]),
    "an endless address": _changed(recipients=["a" * 5_000 + "@army.ml"]),
    "a sender that is none": _changed(sender="desk7"),
    "no sender": _without("sender"),
    "no id": _without("id"),
    "an empty id": _changed(id=""),
    "no time": _without("time"),
    "seconds for milliseconds": _changed(time=1_700_000_000),
    "microseconds for milliseconds": _changed(time=1_700_000_000_000_000),
    "a time without a zone": _changed(time="2023-11-14T22:13:20"),
    "a time in words": _changed(time="yesterday"),
    "a negative size": _changed(size=-1),
    "an unknown status": _changed(delivery="perhaps"),
}


def bad_record(rng: random.Random, event: Event) -> bytes | None:
    """A bad record of a random kind; None is a tombstone."""
    return KINDS[rng.choice(list(KINDS))](event)
