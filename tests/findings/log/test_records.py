"""The records of the state topic."""

import pytest

from streams.findings.log.records import (
    NamesRecord,
    UnreadableStateError,
    WatermarkRecord,
    decode_finding,
    decode_names,
    decode_watermark,
    drop_ms_of,
    encode,
    hit_due,
    hit_entry,
    hit_record,
    split_hit_key,
    tombstones,
)
from streams.findings.store.window_state import slot_key
from tests.findings.store.test_tally import entry

SLOT = slot_key(b"rule", b"k" * 16, 1_000)
LATE = slot_key(b"rule", b"k" * 16, 1_000, b"opened..")


@pytest.mark.parametrize("slot", [SLOT, LATE])
def test_a_hit_is_written_and_read(slot: bytes) -> None:
    one = entry(hit=1, mail=2, domain=3, recipients=4, sender=5, time=6, delivery="held")
    key, value = hit_record(slot, one, 100, 200)
    assert split_hit_key(key) == (slot, one.hit)
    assert (hit_entry(value), hit_due(value)) == (one.pack()[8:], (100, 200))
    assert drop_ms_of(key, value) == 200
    assert (len(key), len(value)) == (37 + len(slot) - len(SLOT), 49)


def test_names_and_watermarks_are_written_and_read() -> None:
    names = NamesRecord("desk7@mod.gov.uk", [], ["SECRET"], 100, 200)
    assert decode_names(encode(names)) == names
    assert drop_ms_of(b"n" + SLOT, encode(names)) == 200
    assert decode_watermark(encode(WatermarkRecord(5, 7))) == WatermarkRecord(5, 7)


def test_the_finding_goes_last() -> None:
    gone = list(tombstones(SLOT, [b"12345678"], noted=True, published=True))
    assert gone == [(b"h" + SLOT + b"12345678", None), (b"n" + SLOT, None), (b"f" + SLOT, None)]
    assert list(tombstones(SLOT, [], noted=False, published=False)) == []


def test_damage_is_told() -> None:
    for value in (b"", b"{}", b"\xff", b"[1]"):
        for decode in (decode_finding, decode_names, decode_watermark):
            with pytest.raises(UnreadableStateError, match="is not straymail's, or damaged"):
                decode(value)
    with pytest.raises(UnreadableStateError, match="a hit with a key of 5 bytes"):
        split_hit_key(b"h1234")
    with pytest.raises(UnreadableStateError, match="a hit of 3 bytes"):
        hit_entry(b"123")
