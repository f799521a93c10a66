"""Hostile text in any field of a mail event: from its bytes to the alert, time and output stay within bounds."""

from __future__ import annotations

import time
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.detection.own_mail import OwnMail
from streams.detection.score_events import ScoredBatch, score_events
from streams.errors import UnreadableRecord
from streams.events.alert import Alert
from streams.events.hit import TypoHit, decode_hit_or_tick, encode_hit
from streams.events.mail import decode
from streams.findings.settings import FindingsSettings
from streams.findings.state import PartitionState
from streams.findings.store.digests import Digests
from tests.detection.samples import detector_of_sample
from tests.hostile import texts

pytestmark = pytest.mark.fuzz

NOW_MS = 1_700_000_000_000
EVENT_SECONDS = 0.1
"""From bytes to alerts, in CPU time; a typical event with a slip takes half a millisecond."""
RECORD_BYTES = 1_000_000
"""What a broker takes by default."""
LONGEST = 5_000

hostile = st.one_of(
    texts,
    st.builds(lambda text, count: (text * count)[:LONGEST], texts, st.integers(1, 1_000)),
    st.text(max_size=600),
)
few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FIELDS: dict[str, Any] = {
    "id": lambda text: {"id": text},
    "sender": lambda text: {"sender": text},
    "sender's local part": lambda text: {"sender": f"{text}@mod.gov.uk"},
    "recipients": lambda text: {"recipients": [text, "jo@army.ml"]},
    "recipients' local part": lambda text: {"recipients": [f"{text}@army.ml"]},
    "recipients' domain": lambda text: {"recipients": [f"jo@{text}", f"jo@{text}.ml", "jo@army.ml"]},
    "message_id": lambda text: {"message_id": text},
    "subject": lambda text: {"subject": text},
    "source": lambda text: {"source": text},
    "labels": lambda text: {"labels": [text] * 100},
    "attachments": lambda text: {"attachments": [{"name": text}] * 100},
    "delivery": lambda text: {"delivery": {text: "delivered", "jo@army.ml": "failed"}},
    "time": lambda text: {"time": text},
    "an unknown field": lambda text: {text: {"x": [text]}},
}
DIGESTS = Digests(b"tests")
POLICY = FindingsSettings().policy()


def alerts_of(hits: list[TypoHit]) -> list[Alert]:
    """What both rules' states publish for these hits."""
    found: list[Alert] = []
    for group_by in ("sender", "domain"):
        state = PartitionState(POLICY, DIGESTS, group_by)
        for outcome in state.apply(hits, first_offset=0, last_offset=max(0, len(hits) - 1)):
            found += outcome.alerts
    return found


def process(value: bytes) -> tuple[ScoredBatch, list[TypoHit], list[Alert]]:
    detector = detector_of_sample(time.monotonic)
    batch = score_events([value], detector, OwnMail([]), now_ms=NOW_MS)
    sent = [encode_hit(hit) for slip in batch.slips for hit in detector.hits(slip.event, slip.typos)]
    assert all(len(value) < RECORD_BYTES for value in sent)
    hits = [hit for hit in map(decode_hit_or_tick, sent) if isinstance(hit, TypoHit)]
    return batch, hits, alerts_of(hits)


def seconds(value: bytes) -> float:
    """CPU time, which still varies with what else the machine does: the least of some is what the event takes."""
    begin = time.thread_time()
    process(value)
    return time.thread_time() - begin


@pytest.fixture(scope="module", autouse=True)
def tables_are_loaded() -> None:
    """What is loaded at the first name that isn't ASCII isn't the price of one event."""
    process(orjson.dumps({"id": "1", "time": NOW_MS, "sender": "a@b.example", "recipients": ["jo@ärmy.ml"]}))


@pytest.mark.parametrize("field", FIELDS)
@few
@given(text=hostile)
def test_an_event_is_refused_or_processed_within_bounds(field: str, text: str) -> None:
    event = {"id": "1", "time": NOW_MS, "sender": "kim@mod.gov.uk", "recipients": ["jo@army.ml"], "delivery": "failed"}
    value = orjson.dumps(event | FIELDS[field](text.encode(errors="replace").decode()))
    batch, hits, alerts = process(value)
    assert any(seconds(value) < EVENT_SECONDS for _ in range(5))
    assert batch.scored + batch.bounces + batch.not_domains + len(batch.unreadable) == 1
    assert all(len(alert.value) < RECORD_BYTES for alert in alerts)
    assert not batch.scored or "army.ml" in {hit.domain for hit in hits}


@pytest.mark.parametrize("count", [1, 10_000])
def test_the_largest_event_is_bounded(count: int) -> None:
    """Every field as long as it may be."""
    local = "\N{HANGUL FILLER}" * 480
    event = {
        "id": "x" * 512,
        "time": NOW_MS,
        "sender": f"{local}@mod.gov.uk",
        "recipients": [f"{number}{local}@d{number}.army.ml" for number in range(count)],
        "message_id": "y" * 1024,
        "subject": "z" * 10_000,
        "labels": ["l" * 256] * 100,
        "source": "s" * 256,
    }
    _, hits, alerts = process(orjson.dumps(event))
    assert 1 <= len(hits) <= 100
    assert all(len(alert.value) < RECORD_BYTES for alert in alerts)


def test_what_is_refused_says_why_in_one_sentence() -> None:
    with pytest.raises(UnreadableRecord) as refused:
        decode(
            orjson.dumps({"id": "1", "time": NOW_MS, "sender": "a@b.example", "recipients": ["\u202e"]}), now_ms=None
        )
    assert refused.value.detail == "One of `recipients` is not an address."
