"""What a kill costs: a reader is killed once midway through a stream and started again, and what it has published is
compared with a plain loop. `make bench` prints the table.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import astuple, dataclass
from itertools import pairwise
from types import TracebackType
from typing import Protocol, Self

import orjson

from bench.cluster import Stream
from bench.engine import Engine
from bench.peers.work import PRIVACY, WINDOW_MS
from bench.readers import SECONDS, settings_of
from streams.events.hit import Tick, TypoHit, decode_hit_or_tick, encode_tick
from streams.kafka.clients.read import KafkaRecord
from tests.faults.verify import key_of_alert
from tests.findings.oracle import finals
from tests.pipeline.worker import WorkerProcess, wait_until

QUIET_S, SILENT_S = 10, 180
"""An engine that publishes nothing for so long has finished: 10 s where nothing is lost and no count is too low; else
three minutes, several times as long as any consumer's session is by default."""
FAR_FUTURE_MS = 4_000_000_000_000
HitKey = tuple[str, str]
"""Event id and mistaken domain."""
CountKey = tuple[str, str, int]
"""Rule, sender or domain, start of the window."""


@dataclass(frozen=True)
class Killed:
    """What a reader had published in the end that was killed midway. `too_few` and `too_many` are mails (or senders)
    by which the last published counts are wrong; `pause_s` is the longest time between two hits."""

    hits: int
    lost: int
    again: int
    too_few: int
    too_many: int
    pause_s: float


class Reader(AbstractContextManager["Reader"], Protocol):
    """A reader of a stream that can be killed and started again, and what it has published."""

    def start(self) -> object: ...

    def kill(self) -> object: ...

    def hits_published(self) -> int:
        """The number of records among which its hits are."""

    def wait_finished(self) -> None:
        """Return when it has published all that it is going to."""

    def hits(self) -> Iterator[KafkaRecord]:
        """The records of its hits, and of watermark messages between them."""

    def counts(self) -> dict[CountKey, int]:
        """The last published counts."""

    def expected_counts(self) -> Mapping[CountKey, int]:
        """Those of a plain loop."""


class EngineReader(Engine):
    """An engine, whose alerts have the counts by sender and by domain."""

    def wait_finished(self) -> None:
        published, since = (0, 0), time.monotonic()
        complete: bool | None = None

        def finished() -> bool:
            nonlocal published, since, complete
            if published != (now := (self.hits_published(), self.alerts_published())):
                published, since, complete = now, time.monotonic(), None
            quiet_s = time.monotonic() - since
            if complete is None and quiet_s > QUIET_S:
                complete = self._is_complete()
            return bool(complete) or quiet_s > SILENT_S

        wait_until(finished, seconds=SECONDS, what="the engine has published all")

    def _is_complete(self) -> bool:
        found = compare(self.stream.expected, self)
        return not found.lost and not found.too_few

    def counts(self) -> dict[CountKey, int]:
        alerts = (orjson.loads(record.value or b"") for record in self.alerts())
        return {(alert["rule"], alert["key"], alert["start"]): alert["count"] for alert in alerts}

    def expected_counts(self) -> Mapping[CountKey, int]:
        counts: Counter[CountKey] = Counter()
        for hit in self.stream.expected:
            start_ms = hit.time - hit.time % WINDOW_MS
            counts["sender", PRIVACY.digest(hit.sender), start_ms] += 1
            counts["domain", hit.domain, start_ms] += 1
        return counts


class WorkerReader:
    """The worker, whose findings have the counts; when it has read the stream, a watermark ends their windows."""

    def __init__(self, stream: Stream) -> None:
        self._stream, group = stream, stream.group()
        self._topics = stream.topics(group)
        self._process = WorkerProcess(settings_of(stream, group))

    def __enter__(self) -> Self:
        self._stream.renew()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.__exit__(kind, error, trace)
        self._topics.close()

    def start(self) -> None:
        self._process.start()

    def kill(self) -> None:
        self._process.kill()

    def hits_published(self) -> int:
        return sum(self._topics.ends(self._topics.names.typo_hits).values())

    def wait_finished(self) -> None:
        topics, names = self._topics, self._topics.names
        wait_until(topics.all_committed, seconds=SECONDS, what="the worker has counted all")
        marks = {str(partition): FAR_FUTURE_MS for partition in topics.ends(names.events)}
        for topic in (names.typo_hits, names.typo_domains):
            topics.send_to_each_partition(topic, encode_tick(Tick(marks, len(marks))))
        wait_until(topics.all_committed, seconds=SECONDS, what="the worker has ended all windows")

    def hits(self) -> Iterator[KafkaRecord]:
        return self._topics.read(self._topics.names.typo_hits)

    def counts(self) -> dict[CountKey, int]:
        alerts = map(orjson.loads, self._topics.values(self._topics.names.alerts))
        return {key_of_alert(alert): alert["count"] for alert in alerts}

    def expected_counts(self) -> Mapping[CountKey, int]:
        return {key: count for key, (count, _) in finals(self._stream.expected).items()}


def kill_midway(stream: Stream, reader: Reader) -> Killed:
    """Start a reader, kill it when half of the hits are published, start it again, and compare."""
    half = len(stream.expected) // 2
    with reader:
        reader.start()
        wait_until(lambda: reader.hits_published() >= half, seconds=SECONDS, what="half of the hits are published")
        reader.kill()
        reader.start()
        reader.wait_finished()
        return compare(stream.expected, reader)


def compare(expected: Sequence[TypoHit], reader: Reader) -> Killed:
    """What a reader has published, compared with the hits and counts of a plain loop."""
    times = times_of_hits(reader.hits())
    found, wanted = reader.counts(), reader.expected_counts()
    differences = [found.get(key, 0) - wanted.get(key, 0) for key in found.keys() | wanted.keys()]
    moments = sorted(moment for each in times.values() for moment in each)
    return Killed(
        hits=len(expected),
        lost=lost_hits(expected, reader.hits()),
        again=len(moments) - len(times),
        too_few=-sum(difference for difference in differences if difference < 0),
        too_many=sum(difference for difference in differences if difference > 0),
        pause_s=max((after - before for before, after in pairwise(moments)), default=0) / 1000,
    )


def times_of_hits(records: Iterator[KafkaRecord]) -> Mapping[HitKey, list[int]]:
    """When each hit was published, in milliseconds since the epoch."""
    times: defaultdict[HitKey, list[int]] = defaultdict(list)
    for record in records:
        hit = decode_hit_or_tick(record.value)
        if not isinstance(hit, Tick):
            times[hit.event_id, hit.domain].append(record.timestamp_ms)
    return times


def lost_hits(expected: Sequence[TypoHit], records: Iterator[KafkaRecord]) -> int:
    """The number of expected hits that aren't among the records."""
    return len({(hit.event_id, hit.domain) for hit in expected} - times_of_hits(records).keys())


def kills_table(killed: Mapping[str, Killed]) -> str:
    """A Markdown table of the figures, a row for each reader."""
    heads = ("killed midway", "hits", "lost", "published again", "counts too low by", "too high by", "longest pause, s")
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for name, found in killed.items():
        *counted, pause_s = astuple(found)
        lines.append(f"| {name} | {' | '.join(f'{number:,}' for number in counted)} | {pause_s:.1f} |")
    return "\n".join(lines)
