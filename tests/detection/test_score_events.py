"""The loop that scores mail events."""

from __future__ import annotations

import gc
import json
import random
import time
from collections.abc import Iterable
from dataclasses import astuple, replace
from itertools import repeat
from typing import Any

import pytest

from streams.detection.detector import Detector
from streams.detection.own_mail import OwnMail, received_mail
from streams.detection.score_events import Outcome, ScoredBatch, score_events, score_in_slices
from streams.domains.scorer import Scorer
from streams.domains.settings import ScorerSettings
from streams.events.mail import AHEAD_ALLOWED_MS, AT_ONCE, DecodedGroup
from streams.events.privacy import Privacy
from streams.memory.lessons import LearningPolicy
from streams.memory.memory import DAY_MS, Memory, MemoryBounds
from streams.memory.memory_digests import MemoryDigests
from tests.detection.samples import WATCHLIST, detector_of_sample, mail

NOW_MS = 1_700_000_000_000


def value(number: int, *recipients: str, **fields: Any) -> bytes:
    event = {"id": f"e{number}", "time": NOW_MS, "sender": "a@mod.gov.uk", "recipients": recipients or ["x@army.mil"]}
    return json.dumps(event | fields).encode()


def score(*values: bytes | None, own: tuple[str, ...] = (), now_ms: int | None = NOW_MS) -> ScoredBatch:
    return score_events(values, detector_of_sample(), OwnMail(own), now_ms=now_ms)


def test_an_empty_batch_has_an_empty_result() -> None:
    assert score() == ScoredBatch()
    assert score().newest_ms is None


def test_each_event_is_counted_once() -> None:
    batch = score(
        value(0),
        value(1, "x@army.ml"),
        b"{",
        value(3, "x@army.ml", sender="<>"),
        value(4, "x@army.ml", sender="a@other.example"),
        value(5, "x@army.ml", "y@natto.int", "z@army.mil"),
        None,
        own=("mod.gov.uk",),
    )
    assert (batch.scored, batch.bounces, batch.not_ours) == (3, 1, 1)
    assert [(at, error.reason) for at, error in batch.unreadable] == [(2, "not-json"), (6, "empty")]
    assert [(slip.at, slip.event.id, set(slip.typos)) for slip in batch.slips] == [
        (1, "e1", {"army.ml"}),
        (5, "e5", {"army.ml", "natto.int"}),
    ]


def test_the_newest_time_is_kept_by_source_for_scored_and_for_other_mail() -> None:
    batch = score(
        value(1, time=NOW_MS - 9, source="exim"),
        value(2, time=NOW_MS - 1, source="exim"),
        value(3, time=NOW_MS - 5, source="exim"),
        value(4, time=NOW_MS - 4, sender=""),
        value(5, time=NOW_MS + AHEAD_ALLOWED_MS + 1, source="zeek"),
    )
    assert batch.newest_ms_by_source == {"exim": NOW_MS - 1, None: NOW_MS - 4}
    assert batch.newest_ms == NOW_MS - 1


@pytest.mark.parametrize(("now_ms", "reasons"), [(NOW_MS, ["time-in-future"]), (NOW_MS + 1, []), (None, [])], ids=str)
def test_an_event_far_ahead_of_the_clock_is_refused_but_not_in_history(now_ms: int | None, reasons: list[str]) -> None:
    batch = score(value(1, time=NOW_MS + AHEAD_ALLOWED_MS + 1), now_ms=now_ms)
    assert [error.reason for _, error in batch.unreadable] == reasons
    assert batch.scored == 1 - len(reasons)


def test_on_event_is_called_for_each_valid_event() -> None:
    calls: list[tuple[str, Outcome]] = []
    score_events(
        [value(1), b"", value(2, sender=""), value(3, sender="a@other.example"), value(4, "x@army.ml")],
        detector_of_sample(),
        OwnMail(["mod.gov.uk"]),
        now_ms=NOW_MS,
        on_event=lambda event, outcome: calls.append((event.id, outcome)),
    )
    assert calls == [("e1", "scored"), ("e2", "bounce"), ("e3", "not-ours"), ("e4", "scored")]


NEW = [f"x@d{number:04}.army.ml" for number in range(10_000)]
KNOWN = ["a@b"] * 10_000


@pytest.mark.parametrize(
    ("values", "least"),
    [([value(1, *NEW)], 200), ([value(number, *KNOWN) for number in range(60)], 10)],
    ids=["new", "many"],
)
def test_events_of_the_most_recipients_are_scored_in_slices(
    values: list[bytes], least: int, request: pytest.FixtureRequest
) -> None:
    """No slice holds the event loop for long, and the verdicts are those of one go."""
    detector = detector_of_sample(time.monotonic)
    batch, longest, count = ScoredBatch(), 0.0, 0
    gc.disable()  # a worker freezes what it has loaded; here a collection would look through all other tests' objects
    request.addfinalizer(gc.enable)
    begin = time.thread_time()
    for _ in score_in_slices(batch, values, detector, OwnMail([]), now_ms=NOW_MS):
        longest, count, begin = max(longest, time.thread_time() - begin), count + 1, time.thread_time()
    longest = max(longest, time.thread_time() - begin)
    assert count >= least
    assert longest < 0.1
    assert batch.slips == score_events(values, detector_of_sample(), OwnMail([]), now_ms=NOW_MS).slips


def test_domains_that_are_new_are_scored_in_slices() -> None:
    seconds = iter(range(10_000))
    detector = detector_of_sample(lambda: float(next(seconds)))  # each domain takes a second
    slices = score_in_slices(
        ScoredBatch(), [value(1, "a@one.example"), value(2, "a@two.example")], detector, OwnMail([]), now_ms=NOW_MS
    )
    assert sum(1 for _ in slices) == 2


@pytest.mark.parametrize("written", ["A <a@army.mil>", "a"])
def test_events_whose_addresses_take_long_to_read_are_read_in_slices(written: str) -> None:
    seconds = iter(range(10_000))
    detector = detector_of_sample(lambda: float(next(seconds)))
    slices = score_in_slices(
        ScoredBatch(), [value(number, written) for number in range(5)], detector, OwnMail([]), now_ms=NOW_MS
    )
    assert sum(1 for _ in slices) == 5


def test_a_new_scorer_judges_what_is_left_of_the_events_that_were_looked_at_together() -> None:
    seconds = iter(range(10_000))
    detector = detector_of_sample(lambda: float(next(seconds)))
    detector.typos(mail("a@x.example"))
    detector.spent_s = 0.0
    values = [value(0, "a@new.example"), *(value(number, "a@x.example") for number in range(1, 5))]
    batch = ScoredBatch()
    slices = score_in_slices(batch, values, detector, OwnMail([]), now_ms=NOW_MS)
    next(slices)
    detector.use(Scorer(replace(WATCHLIST, mistakes={"x.example": "army.mil"}), ScorerSettings()))
    for _ in slices:
        pass
    assert [slip.at for slip in batch.slips] == [1, 2, 3, 4]


def test_an_event_without_any_domain_name_is_not_counted_as_scored() -> None:
    batch = score(
        value(1, "a@[192.0.2.1]", "b@ar$my.ml"), value(2, "a@[192.0.2.1]", "b@army.mil"), value(3, "b@army.mil")
    )
    assert (batch.scored, batch.not_domains) == (2, 1)


class Careful(Detector):
    """A detector that looks at each event by itself."""

    def need_look(self, group: DecodedGroup) -> Iterable[bool]:
        return repeat(True)


NAMES = ["x.example", "Army.CZ"] * 8 + ["army.mil", "army.ml", "natto.int", "nato.int", "a_b", "-", "navy.mil."]
BATCH = 8 * AT_ONCE
USUAL = ["a", "o'brien", "c+d"]
OWN = ["a@mod.gov.uk", "b@desk.MOD.gov.uk", "prvs=1234567890=c@mod.gov.uk"]


def mixed_mail(rng: random.Random) -> list[bytes]:
    """Groups of own mail of one source and of several, with bounces, others' mail, inbound mail, or odd addresses."""
    values = []
    for group in range(100):
        kind = rng.choice(["own", "own", "bounces", "others", "inbound", "odd"])
        senders = OWN + {"bounces": [""], "others": ["c@x.example", "d@army.ml"]}.get(kind, [])
        local = USUAL * 100 + ["Jo <jo", "x,", "c=e"] * (kind == "odd")
        sources: list[str | None] = rng.choice([["exim"], [None], ["exim", "zeek", None]])
        directions = [None, "outbound", *["inbound"] * (kind == "inbound")]
        for number in range(AT_ONCE):
            recipients = [f"{rng.choice(local)}@{rng.choice(NAMES)}" for _ in range(rng.choice((1, 1, 1, 2, 3, 120)))]
            fields = {
                "sender": rng.choice(senders),
                "source": rng.choice(sources),
                "direction": rng.choice(directions),
                "time": NOW_MS - rng.randrange(300 * DAY_MS),
            }
            values.append(value(group * AT_ONCE + number, *recipients, **fields))
    return values


@pytest.mark.parametrize("remembers", [False, True])
def test_a_look_at_many_events_together_misses_nothing(remembers: bool) -> None:
    values, found = mixed_mail(random.Random(7)), []
    for kind, on_event in ((Detector, None), (Careful, lambda *_: None)):  # with the latter each event is looked at
        memory = Memory(MemoryDigests(b"key"), LearningPolicy(), MemoryBounds(100_000, 10_000)) if remembers else None
        detector = kind(Scorer(WATCHLIST, ScorerSettings()), Privacy(b"key"), lambda: 1.0, memory)
        own, received = OwnMail(["mod.gov.uk"]), received_mail(["mod.gov.uk"])
        batches = [
            score_events(values[at : at + BATCH], detector, own, now_ms=NOW_MS, is_received=received, on_event=on_event)
            for at in range(0, len(values), BATCH)
        ]
        found.append((batches, detector.take_counts()))
    (together, counts), (alone, counts_alone) = found
    assert list(map(astuple, together)) == list(map(astuple, alone))
    assert (counts.recipients, counts.not_domains) == (counts_alone.recipients, counts_alone.not_domains)
    assert {source for batch in together for source in batch.newest_ms_by_source} == {"exim", "zeek", None}
    assert sum(len(batch.slips) for batch in together) > 100
    assert sum(batch.not_domains for batch in together) > 10
