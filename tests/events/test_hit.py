from typing import Any

import msgspec
import orjson
import pytest

from streams.detection.build_hits import hits_of
from streams.errors import UnreadableRecord
from streams.events.dns_facts import DnsFacts
from streams.events.hit import Tick, TypoHit, decode_hit_or_tick, encode_hit, encode_tick
from streams.events.reasons import Reason
from streams.events.remembered import Remembered
from tests.detection.test_build_hits import MISTAKES, PRIVACY
from tests.events.samples import event

(HIT,) = hits_of(event(), MISTAKES, PRIVACY)
TICK = Tick(tick={"0": 1_689_580_800_123, "11": 1_689_580_800_000}, of=12)


def test_encoding_and_decoding_gives_the_same() -> None:
    assert decode_hit_or_tick(encode_hit(HIT)) == HIT
    assert decode_hit_or_tick(encode_tick(TICK)) == TICK


def test_a_tick_is_recognised_by_its_first_field() -> None:
    assert encode_tick(TICK) == b'{"tick":{"0":1689580800123,"11":1689580800000},"of":12}'


def test_progress_beyond_the_present_is_left_out() -> None:
    tick = Tick({"0": 5, "1": 7, "2": 9}, 4)
    assert tick.until(9) is tick
    assert tick.until(7) == Tick({"0": 5, "1": 7}, 4)
    assert tick.until(4) == Tick({}, 4)


def changed(**fields: Any) -> bytes:
    whole = orjson.loads(encode_hit(HIT)) | fields
    return orjson.dumps({name: value for name, value in whole.items() if value is not ...})


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (None, Reason.EMPTY),
        (b"", Reason.EMPTY),
        (b"{", Reason.NOT_JSON),
        (b"\xff", Reason.NOT_UTF8),
        (b"[" * 100_000, Reason.WRONG_TYPE),
        (b'{"x":' * 1_000_000, Reason.TOO_DEEP),
        (b'{"tick":{"0":1},"of":0}', Reason.BAD_VALUE),
        (b'{"tick":{"0":1}}', Reason.MISSING_FIELD),
        (b'{"tick":{"0":"1"},"of":1}', Reason.WRONG_TYPE),
        (changed(score=1.1), Reason.BAD_VALUE),
        (changed(domain=""), Reason.BAD_VALUE),
        (changed(delivery="lost"), Reason.BAD_VALUE),
        (changed(recipients=["a@b.example"] * 101), Reason.TOO_MANY_RECIPIENTS),
        (changed(certain="yes"), Reason.WRONG_TYPE),
        (changed(sender_digest=...), Reason.MISSING_FIELD),
    ],
    ids=lambda raw: "" if isinstance(raw, Reason) else repr(raw and raw[:20]),
)
def test_records_refused(raw: bytes | None, reason: Reason) -> None:
    with pytest.raises(UnreadableRecord) as caught:
        decode_hit_or_tick(raw)
    assert caught.value.reason == reason


def test_a_hit_of_version_1_is_read() -> None:
    raw = (
        b'{"id":"5ab3","event_id":"e1","time":1689580800123,"sender":"jo@mod.example","domain":"army.ml",'
        b'"intended":"army.mil","recipients":["a@army.ml"],"recipient_count":1,"score":0.97,"certain":true,'
        b'"slip":"suffix-omission","explanation":"army.ml lacks the i","sender_digest":"0c1d","delivery":"delivered"}'
    )
    hit = decode_hit_or_tick(raw)
    assert isinstance(hit, TypoHit)
    assert (hit.version, hit.memory, hit.dns, hit.partition, hit.offset) == (1, None, None, None, None)


def test_a_hit_with_a_memory_is_read_back() -> None:
    memory = Remembered(90, "colleague", 3, days_in=4, wrote_first=True)
    hit = msgspec.structs.replace(HIT, memory=memory, partition=0, offset=7)
    assert decode_hit_or_tick(encode_hit(hit)) == hit


def test_a_hit_with_what_dns_says_is_read_back() -> None:
    facts = DnsFacts(1_689_580_800_123, "mx", "army.ml", ["mx1.example.ml"], open=True)
    hit = msgspec.structs.replace(HIT, dns=facts)
    assert decode_hit_or_tick(encode_hit(hit)) == hit
    assert hit.mistaken_domain.dns == facts


@pytest.mark.parametrize(
    "facts",
    [
        b'{"asked":1,"route":"mx","registrable":"a.ml","mx":["a","b","c","d","e","f"]}',
        b'{"asked":1,"route":"pigeon","registrable":"a.ml"}',
        b'{"asked":-1,"route":"mx","registrable":"a.ml"}',
        b'{"asked":1,"route":"mx","registrable":""}',
        b'{"asked":1,"route":"mx","registrable":"a.ml","mx":["%s"]}' % (b"a" * 256),
    ],
)
def test_facts_beyond_their_bounds_are_refused(facts: bytes) -> None:
    with pytest.raises(UnreadableRecord):
        decode_hit_or_tick(encode_hit(HIT)[:-1] + b',"dns":' + facts + b"}")
