"""Compares this machine's clock with the broker's, for `straymail check`."""

from __future__ import annotations

from collections.abc import Iterator

from streams.cli.shared.check_lines import CheckLine
from streams.config import Settings
from streams.durations import MS_PER_UNIT
from streams.errors import StraymailError
from streams.events.hit import Tick, encode_tick
from streams.kafka.clients.broker_time import measure_skew_ms
from streams.kafka.topics.names import topic_names

ALLOWED_SKEW_MS, NOTICEABLE_SKEW_MS = 5 * MS_PER_UNIT["m"], 30 * MS_PER_UNIT["s"]
REMEDY = "synchronise this machine's clock, and the brokers'"


def clock_lines(settings: Settings) -> Iterator[CheckLine]:
    """Whether this machine's clock agrees with the brokers': they stamp a watermark message without content."""
    topic = topic_names(settings).typo_hits
    try:
        skew_ms = measure_skew_ms(settings, topic, encode_tick(Tick({}, 1)))
    except StraymailError as error:
        yield CheckLine("warning", "clock", f"not compared with the broker's: {error}")
        return
    if skew_ms is None:
        remedy = f"set message.timestamp.type of {topic} to LogAppendTime"
        yield CheckLine("warning", "clock", "not compared with the broker's, whose time is not known", remedy)
        return
    what = f"{abs(skew_ms) / 1000:.0f} s {'ahead of' if skew_ms > 0 else 'behind'} the broker's"
    if abs(skew_ms) > ALLOWED_SKEW_MS:
        yield CheckLine(
            "error", "clock", f"{what}; 300 s are allowed, beyond them a worker ends no idle window", REMEDY
        )
    elif abs(skew_ms) > NOTICEABLE_SKEW_MS:
        yield CheckLine("warning", "clock", what, REMEDY)
    else:
        yield CheckLine("ok", "clock", "agrees with the broker's")
