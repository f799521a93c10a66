"""Exports and sensors' logs, written after their vendors' documentation: each describes the same three mails."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import UnreadableRecord
from streams.sources.registry import SOURCES, source_named
from tests.sources.read_log import SAMPLES, by_message_id, read

FIRST = ("desk1@mod.example", ["bob@army.ml"], "delivered")
SECOND: tuple[str, list[str], dict[str, str]] = (
    "desk2@mod.example",
    ["a@army.mil", "b@navy.ml", "c@af.ml"],
    {"a@army.mil": "delivered", "b@navy.ml": "failed", "c@af.ml": "deferred"},
)
THIRD = ("partner@example.com", ["desk3@mod.example"], "delivered")
REFUSED = ("desk4@mod.example", ["x,y@army.ml"], "rejected")
ALL_THREE = {"<1@mod.example>": FIRST, "<2@mod.example>": SECOND, "<3@example.com>": THIRD}
SENSED = {
    "<1@mod.example>": FIRST,
    "<2@mod.example>": (*SECOND[:2], "delivered"),
    "<4@mod.example>": REFUSED,
}
UNKNOWN = {"<1@mod.example>": (*FIRST[:2], None), "<2@mod.example>": (*SECOND[:2], None)}


@pytest.mark.parametrize(
    ("source", "file", "expected"),
    [
        ("m365", "summary.csv", ALL_THREE),
        ("m365", "powershell.csv", ALL_THREE),
        ("m365", "powershell.json", ALL_THREE),
        ("m365", "graph.json", ALL_THREE),
        ("google", "email_log_search.csv", ALL_THREE),
        ("exchange", "MSGTRK2026112406-1.LOG", ALL_THREE),
        ("exchange", "tracking.json", ALL_THREE),
        ("defender", "eventhubs.json", ALL_THREE | {"<2@mod.example>": (*SECOND[:2], SECOND[2] | {"c@af.ml": "held"})}),
        ("defender", "hunting.csv", ALL_THREE | {"<2@mod.example>": (*SECOND[:2], SECOND[2] | {"c@af.ml": "held"})}),
        ("google", "bigquery.json", ALL_THREE | {"<3@example.com>": (*THIRD[:2], None)}),
        ("google", "reports.json", ALL_THREE | {"<3@example.com>": (*THIRD[:2], None)}),
        ("google", "rest.json", ALL_THREE | {"<3@example.com>": (*THIRD[:2], None)}),
        ("zeek", "smtp.log", SENSED),
        ("zeek", "smtp.json", SENSED),
        ("suricata", "eve.json", UNKNOWN),
    ],
)
def test_the_samples(source: str, file: str, expected: dict[str, object]) -> None:
    events, problems, _ = read(source, [SAMPLES / source / file])
    assert by_message_id(events) == expected
    assert problems == []
    first = next(event for event in events if event.message_id == "<1@mod.example>")
    assert first.time_ms // 1000 == 1795502929
    assert first.subject == "Movement order"
    second = next(event for event in events if event.message_id == "<2@mod.example>")
    assert second.time_ms // 1000 in (1795502942, 1795502943)
    assert (second.subject or "").startswith("Grüße aus Köln")
    if source in ("m365", "google", "exchange", "defender"):
        assert first.size == 18211
    if file in ("summary.csv", "email_log_search.csv", "bigquery.json"):
        directions = {event.message_id: event.direction for event in events}
        assert directions["<1@mod.example>"] == "outbound"
        assert directions["<3@example.com>"] == "inbound"


def test_what_a_sensor_cannot_see_is_counted() -> None:
    source = source_named("zeek")
    for line in (SAMPLES / "zeek" / "smtp.log").read_bytes().splitlines():
        list(source.read(line))
    assert source.skipped == {"transactions inside TLS": 1}
    resumed = source_named("zeek")
    resumed.resume(source.state() or b"")
    assert resumed.state() == source.state()


@pytest.mark.parametrize("framing", ["lines", "array", "pretty", "pages", "pretty-pages"])
def test_json_in_every_shape(tmp_path: Path, framing: str) -> None:
    """Including Graph's response pages one after the other, as a script writes them."""
    rows = json.loads((SAMPLES / "m365" / "graph.json").read_text())["value"]
    rows[0]["subject"] = 'a "quote", {braces} \\ and [brackets'
    pages = [{"@odata.nextLink": "x", "value": rows[:2]}, {"value": []}, {"value": rows[2:]}]
    indent = 2 if framing.startswith("pretty") else None
    shapes = {"lines": rows, "array": [rows], "pretty": [rows], "pages": pages, "pretty-pages": pages}
    path = tmp_path / "trace.json"
    path.write_text("\n".join(json.dumps(part, indent=indent) for part in shapes[framing]))
    events, problems, _ = read("m365", [path])
    assert by_message_id(events) == ALL_THREE
    assert problems == []


@pytest.mark.parametrize(
    ("source", "content", "reasons"),
    [
        ("m365", b'{"value": [{"id": 1, "senderAddress": "a@b", "recip', ["not-json"]),
        ("m365", b'[{"a": 1}, {"senderAddress": "a@b", "recipientAddress": "c@d"}]', ["missing-field", "bad-value"]),
        ("m365", b"a,b\n1,2,3\n", ["bad-value"]),
        ("m365", b"a,b\n1,2\n", ["missing-field"]),
        ("google", b"Message ID,Sender\n1,2\n\xff,3\n", ["missing-field", "missing-field"]),
        ("google", b'{"rows": [{"f": [{"v": "1"}]}]}', ["missing-field"]),
        ("exchange", b"#Fields: date-time,event-id\n2026-11-24T06:48:49Z,FAIL\n", ["missing-field"]),
        ("exchange", b"#Fields: date-time,event-id,recipient-address\n1,FAIL,a@b\n", ["bad-value"]),
        (
            "defender",
            b'{"records": [{"category": "AdvancedHunting-EmailEvents", "properties": {}}]}',
            ["missing-field"],
        ),
        ("google", b'{"gmail": {"message_info": {}, "event_info": {}}}', ["missing-field"]),
        ("zeek", b"1\t2\t3\n", ["bad-value"]),
        ("zeek", b'{"ts": "noon", "mailfrom": "a@b", "rcptto": ["c@d"]}', ["bad-value"]),
        ("suricata", b'{"event_type": "smtp", "smtp": {"mail_from": "a@b", "rcpt_to": [1]}}\n[]', ["wrong-type"] * 2),
        ("jsonl", b'{"id": "1"}\nno\n', ["missing-field", "not-json"]),
        ("jsonl", b'{"id":"1","time":1,"sender":"a@b","recipients":["c@d"]}', ["time-out-of-range"]),
    ],
)
def test_what_is_wrong_is_reported(tmp_path: Path, source: str, content: bytes, reasons: list[str]) -> None:
    path = tmp_path / "export"
    path.write_bytes(content)
    events, problems, _ = read(source, [path])
    assert events == []
    assert [problem.reason for problem in problems] == reasons


@pytest.mark.fuzz
@given(st.sampled_from(sorted(SOURCES)), st.lists(st.binary(max_size=200), max_size=3))
def test_any_bytes_are_read_or_refused(name: str, noise: list[bytes]) -> None:
    source = source_named(name)
    for record in noise:
        with suppress(UnreadableRecord):
            list(source.read(record))
    assert list(source.finish()) == []


KEYS = st.sampled_from(
    [
        *("gmail", "message_info", "event_info", "destination", "source", "timestamp_usec"),
        *("recipientAddress", "senderAddress", "received", "rcptto", "mailfrom", "ts"),
        *("event_type", "smtp", "rcpt_to", "mail_from", "email", "attachment"),
        *(
            "schema",
            "fields",
            "f",
            "v",
            "row",
            "events",
            "id",
            "parameters",
            "name",
            "messageValue",
            "multiMessageValue",
        ),
        *("eventId", "dateTime", "properties", "RecipientEmailAddress", "Timestamp", "connectorId", "rcpt_response"),
    ]
)
TEXTS = st.sampled_from(["a@b.ml", "smtp", "2026-11-24T06:48:49Z", ""])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)


@pytest.mark.fuzz
@given(
    st.sampled_from(["m365", "exchange", "defender", "google", "zeek", "suricata"]),
    st.dictionaries(KEYS, VALUES, max_size=8),
)
def test_any_json_is_read_or_refused(name: str, row: dict[str, object]) -> None:
    source = source_named(name)
    with suppress(UnreadableRecord):
        assert all(event.source == name for event in source.read(json.dumps(row).encode()))
    with suppress(UnreadableRecord):
        assert all(event.source == name for event in source.finish())
