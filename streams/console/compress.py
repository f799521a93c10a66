"""Compresses small JSON values in memory, with a dictionary of what all of them have in common."""

from __future__ import annotations

import zlib

from streams.events.alert import encode_alert
from streams.events.finding import Evidence, FindingState
from streams.events.hit import TypoHit, encode_hit
from streams.events.mistaken_domain import MistakenDomain
from streams.severity import Severity


def _sample_alert() -> bytes:
    domain = MistakenDomain("army.ml", "army.mil", "suffix-omission", "the suffix .mil lost its i", 0.98, certain=True)
    return encode_alert(
        FindingState(
            uid="0" * 32,
            correlation_uid="0" * 32,
            rule="sender-typo-hits",
            group_by="sender",
            counts="mails",
            start_ms=1_790_000_000_000,
            end_ms=1_790_086_400_000,
            sequence=1,
            activity=1,
            is_alert=True,
            severity=Severity.MEDIUM,
            window="open",
            time_ms=1_790_000_000_000,
            created_ms=1_790_000_000_000,
            first_seen_ms=1_790_000_000_000,
            last_seen_ms=1_790_000_000_000,
            count=1,
            peak=1,
            delivered_count=1,
            domain_count=1,
            delivery={"delivered": 1, "deferred": 1},
            domains=[domain],
            sender="desk@mod.gov.uk",
            evidences=[Evidence("desk@mod.gov.uk", ["ops@army.ml"], "<1@mod.gov.uk>", 4096)],
        )
    )


def _sample_hit() -> bytes:
    return encode_hit(
        TypoHit(
            id="0" * 32,
            event_id="1",
            time=1_790_000_000_000,
            sender="desk@mod.gov.uk",
            domain="army.ml",
            intended="army.mil",
            recipients=["ops@army.ml"],
            recipient_count=1,
            score=1.0,
            certain=True,
            slip="suffix-omission",
            explanation="the suffix .mil lost its i",
            sender_digest="0" * 32,
            delivery="delivered",
            message_id="<1@mod.gov.uk>",
            size=4096,
            source="postfix",
        )
    )


WINDOW_BITS = 13
"""8 kB, enough for the dictionary and a value. A larger window would cost memory to set up for each value."""
_DICTIONARY = _sample_hit() + _sample_alert()
_EMPTY = zlib.compressobj(level=3, wbits=-WINDOW_BITS, memLevel=5, zdict=_DICTIONARY)
"""Copied for each value, which takes half the time of setting up another one."""


def pack(value: bytes) -> bytes:
    """The value, compressed to about a seventh; only the same version of the code can unpack it."""
    compressor = _EMPTY.copy()
    return compressor.compress(value) + compressor.flush()


def unpack(packed: bytes) -> bytes:
    """The value that was given to `pack`."""
    return zlib.decompressobj(wbits=-WINDOW_BITS, zdict=_DICTIONARY).decompress(packed)
