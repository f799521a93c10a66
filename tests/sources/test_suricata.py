"""Suricata: which envelopes became mails."""

from __future__ import annotations

import orjson
import pytest

from streams.sources.registry import source_named
from streams.sources.source import Source


def record(second: int, flow: int, to: str, *, has_mail: bool, client: str = "10.0.0.1") -> bytes:
    row = {
        "src_ip": client,
        "dest_ip": "192.0.2.9",
        "timestamp": f"2026-11-24T06:48:{second:02}.123456+0000",
        "flow_id": flow,
        "tx_id": second,
        "event_type": "smtp",
        "smtp": {"mail_from": "<jo@mod.example>", "rcpt_to": [f"<{to}>"]},
    }
    return orjson.dumps(row | ({"email": {"status": "PARSE_DONE"}} if has_mail else {}))


def recipients(source: Source, *records: bytes) -> list[str]:
    events = [event for one in records for event in source.read(one)]
    return [to for event in (*events, *source.finish()) for to in event.recipients]


GIVEN_UP, SENT = record(1, 1, "a@army.ml", has_mail=False), record(2, 1, "b@army.mil", has_mail=True)
OTHER = record(3, 2, "c@navy.mil", has_mail=False, client="10.0.0.2")
SAME = record(3, 3, "d@navy.mil", has_mail=False)


@pytest.mark.parametrize("records", [(GIVEN_UP, SENT), (SENT, GIVEN_UP), (GIVEN_UP, OTHER, SENT)])
def test_an_envelope_beside_a_mail_of_its_session_was_given_up(records: tuple[bytes, ...]) -> None:
    source = source_named("suricata")
    assert recipients(source, *records) == ["b@army.mil"] + ["c@navy.mil"] * (OTHER in records)
    assert source.skipped == {"envelopes that were given up before DATA": 1}


@pytest.mark.parametrize("records", [(SAME, SENT), (SENT, SAME)])
def test_an_envelope_alone_in_its_session_was_given_up_where_its_client_sent_mails(records: tuple[bytes, ...]) -> None:
    source, restarted = source_named("suricata"), source_named("suricata")
    found = [to for event in source.read(records[0]) for to in event.recipients]
    restarted.resume(source.state() or b"")
    assert [*found, *recipients(restarted, records[1])] == ["b@army.mil"]
    assert restarted.skipped == {"envelopes that were given up before DATA": 1}


def test_a_sensor_that_takes_no_mail_apart_reports_each_envelope() -> None:
    source = source_named("suricata")
    assert recipients(source, GIVEN_UP, OTHER) == ["a@army.ml", "c@navy.mil"]
    assert not source.skipped


def test_an_envelope_waits_for_its_session_and_no_longer() -> None:
    source = source_named("suricata")
    assert list(source.read(GIVEN_UP)) == []
    assert list(source.settle(59_000)) == []
    assert [event.recipients for event in source.settle(61_000)] == [["a@army.ml"]]
    assert list(source.finish()) == []


def test_what_waits_survives_a_restart() -> None:
    first, second = source_named("suricata"), source_named("suricata")
    assert list(first.read(GIVEN_UP)) == []
    second.resume(first.state() or b"")
    assert recipients(second, SENT) == ["b@army.mil"]
    with pytest.raises(ValueError, match="not a state"):
        second.resume(b"x")
