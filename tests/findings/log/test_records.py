"""The records of the state topic."""

import pytest

from streams.events.finding import OPEN, UPDATE
from streams.findings.decide import Assessment, Decision
from streams.findings.log.records import (
    CheckRecord,
    NamesRecord,
    UnreadableStateError,
    WatermarkRecord,
    decode_check,
    decode_finding,
    decode_names,
    decode_watermark,
    drop_ms_of,
    encode,
    hit_due,
    hit_entry,
    hit_record,
    source_offset,
    source_record,
    split_hit_key,
    tombstones,
)
from streams.findings.render import AlertContent, record_of, summary_of
from streams.findings.rules import FindingPolicy, UpdatePolicy
from streams.findings.store.window_state import window_key
from streams.severity import Severity
from tests.findings.contexts import new_context
from tests.findings.store.samples import RULE, filled
from tests.findings.store.test_tally import entry

WINDOW = window_key(b"rule", b"k" * 16, 1_000)
LATE = window_key(b"rule", b"k" * 16, 1_000, b"opened..")


@pytest.mark.parametrize("key_of_window", [WINDOW, LATE])
def test_a_hit_is_written_and_read(key_of_window: bytes) -> None:
    one = entry(hit=1, mail=2, domain=3, recipients=4, sender=5, time=6, delivery="held")
    key, value = hit_record(key_of_window, one, 100, 200)
    assert split_hit_key(key) == (key_of_window, one.hit)
    assert (hit_entry(value), hit_due(value)) == (one[8:], (100, 200))
    assert drop_ms_of(key, value) == 200
    assert (len(key), len(value)) == (37 + len(key_of_window) - len(WINDOW), 49)


def test_names_and_watermarks_are_written_and_read() -> None:
    names = NamesRecord("desk7@mod.gov.uk", [], ["SECRET"], 100, 200)
    assert decode_names(encode(names)) == names
    assert drop_ms_of(b"n" + WINDOW, encode(names)) == 200
    assert decode_watermark(encode(WatermarkRecord(5, 7))) == WatermarkRecord(5, 7)


def test_whether_a_tally_is_full_is_kept_beside_what_was_published() -> None:
    window = filled()
    for is_full in (False, True):
        now = Assessment(Severity.LOW, 3, 3, 0, 1, 0, count_is_minimum=is_full, window=OPEN, accepted_peak=3, hits=7)
        content = AlertContent(Decision(UPDATE, is_alert=False, only_grew=True), now, summary_of(window), [])
        policy = FindingPolicy((RULE,), updates=UpdatePolicy(quick=1))
        record = decode_finding(encode(record_of(window, content, new_context(policy), 1)))
        last = record.last_alert()
        assert (record.state.count_is_minimum, last.count_is_minimum) == (True, is_full)
        assert (last.hits, last.updates) == (7, 1)


def test_the_tombstone_of_the_finding_is_the_last() -> None:
    deleted = list(tombstones(WINDOW, [b"12345678"], has_names=True, has_finding=True))
    assert deleted == [(b"h" + WINDOW + b"12345678", None), (b"n" + WINDOW, None), (b"f" + WINDOW, None)]
    assert list(tombstones(WINDOW, [], has_names=False, has_finding=False)) == []


def test_damaged_records_are_errors() -> None:
    for value in (b"", b"{}", b"\xff", b"[1]"):
        for decode in (decode_finding, decode_names, decode_watermark):
            with pytest.raises(UnreadableStateError, match="straymail did not write, or that is damaged"):
                decode(value)
    with pytest.raises(UnreadableStateError, match="a hit with a key of 5 bytes"):
        split_hit_key(b"h1234")
    with pytest.raises(UnreadableStateError, match="a hit of 3 bytes"):
        hit_entry(b"123")


def test_offsets_of_mail_events_and_check_records_are_written_and_read() -> None:
    assert source_record(b"place", 7) == (b"splace", (7).to_bytes(8, "big"))
    assert (source_offset(source_record(b"place", 7)[1]), source_offset(source_record(b"place", None)[1])) == (7, None)
    with pytest.raises(UnreadableStateError):
        source_offset(b"7")
    check = CheckRecord(hits=4, findings=1, sequence=9, damaged=True, settled_ms=5)
    assert decode_check(encode(check)) == check
    assert [check.has_settled(drop_ms) for drop_ms in (5, 6)] == [True, False]
    assert (check.less(3).hits, check.less(5).hits) == (1, 0)
