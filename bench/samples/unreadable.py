"""Records that can't be read as mail events, one of each kind that occurs in practice."""

from __future__ import annotations

import base64
import json

GOOD = (
    b'{"id":"u1","time":"2023-07-17T08:00:00Z","sender":"desk@mod.gov.uk","recipients":["visits@nato.int"],'
    b'"subject":"Itinerary"}'
)

UNREADABLE = (
    ("a record cut short by a full disk", GOOD[:61]),
    (
        "a line of a text log sent to the wrong topic",
        b"Jul 17 08:00:00 mta3 postfix/smtp[812]: 4bXk: to=<x>, status=sent",
    ),
    ("Latin-1 in the subject", GOOD.replace(b"Itinerary", "Itin\u00e9raire".encode("latin-1"))),
    ("no recipients", GOOD.replace(b'"visits@nato.int"', b"")),
    ("no time zone", GOOD.replace(b"08:00:00Z", b"08:00:00")),
    ("an address without a domain", GOOD.replace(b"visits@nato.int", b"visits")),
    ("dated in the year 2099 by a relay with a flat battery", GOOD.replace(b"2023-07-17", b"2099-07-17")),
    ("a list in place of an object", b"[" + GOOD + b"]"),
)


def unreadable_lines() -> str:
    """The records as JSON lines, their bytes in base64 so that the file itself is text."""
    rows = ({"what": what, "base64": base64.b64encode(record).decode()} for what, record in UNREADABLE)
    return "".join(json.dumps(row) + "\n" for row in rows)
