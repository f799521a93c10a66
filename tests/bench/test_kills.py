"""What a killed reader has published, compared with a plain loop."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType

import pytest
from msgspec.structs import replace

from bench.kills import CountKey, Killed, compare, kills_table
from streams.events.hit import Tick, TypoHit, encode_hit, encode_tick
from streams.kafka.clients.read import KafkaRecord
from tests.pipeline.mail import expected_hits

SENDER, DOMAIN = "desk@mod.gov.uk", "army.ml"
EVENT = b'{"id": "1", "message_id": "<1>", "time": 0, "sender": "desk@mod.gov.uk", "recipients": ["u@army.ml"]}'
HIT = expected_hits([EVENT])[0]
HITS = [replace(HIT, event_id=event_id) for event_id in "abc"]
COUNTS: dict[CountKey, int] = {("sender", SENDER, 0): 3, ("domain", DOMAIN, 0): 3}


class Ended:
    """A reader that has published these hits, a second apart, a watermark message, and these counts."""

    def __init__(self, hits: list[TypoHit], counts: dict[CountKey, int]) -> None:
        self._values = [*map(encode_hit, hits), encode_tick(Tick({}, 1))]
        self._counts = counts

    def hits(self) -> Iterator[KafkaRecord]:
        for second, value in enumerate(self._values):
            yield KafkaRecord("hits", 0, second, 1_000 * second, b"", value, ())

    def counts(self) -> dict[CountKey, int]:
        return self._counts

    def expected_counts(self) -> dict[CountKey, int]:
        return COUNTS

    def start(self) -> None: ...

    def kill(self) -> None: ...

    def hits_published(self) -> int:
        return len(self._values)

    def wait_finished(self) -> None: ...

    def __enter__(self) -> Ended:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@pytest.mark.parametrize(
    ("hits", "counts", "found"),
    [
        (HITS, COUNTS, Killed(3, 0, 0, 0, 0, 1.0)),
        (HITS[1:], COUNTS, Killed(3, 1, 0, 0, 0, 1.0)),
        ([*HITS, HITS[0], HITS[0]], COUNTS, Killed(3, 0, 2, 0, 0, 1.0)),
        (HITS, {**COUNTS, ("sender", SENDER, 0): 1}, Killed(3, 0, 0, 2, 0, 1.0)),
        (HITS, {("sender", SENDER, 0): 4}, Killed(3, 0, 0, 3, 1, 1.0)),
        (HITS, {**COUNTS, ("sender", SENDER, 86_400_000): 1}, Killed(3, 0, 0, 0, 1, 1.0)),
    ],
    ids=["nothing wrong", "lost", "again", "too few", "a count lacks", "another window"],
)
def test_what_is_lost_and_doubled_is_counted(hits: list[TypoHit], counts: dict[CountKey, int], found: Killed) -> None:
    assert compare(HITS, Ended(hits, counts)) == found


def test_the_table_has_a_row_for_each_reader() -> None:
    assert (
        kills_table({"one": Killed(1_000, 0, 2, 0, 4, 15.04)}).splitlines()[-1]
        == "| one | 1,000 | 0 | 2 | 0 | 4 | 15.0 |"
    )
