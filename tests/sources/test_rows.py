"""Exports of rows: their columns, numbers and times."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from streams.errors import UnreadableRecord
from streams.events.mail import MailEvent
from streams.sources.rows import Row, RowSource, first_of, json_object, moment_ms, number_in, plain_name, text_in


@dataclass
class Rows(RowSource):
    """A source that keeps its rows and makes no events."""

    kind: ClassVar[str] = "rows"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.rows: list[dict[str, Any]] = []

    def _read_row(self, row: Row) -> Iterable[MailEvent]:
        self.rows.append(dict(row))
        return ()


def rows(*lines: bytes) -> list[dict[str, Any]]:
    source = Rows()
    for line in lines:
        list(source.read(line))
    return source.rows


@pytest.mark.parametrize("delimiter", [b",", b";", b"\t"])
def test_columns_are_named_by_the_first_line_whatever_divides_them(delimiter: bytes) -> None:
    header, row = delimiter.join([b"Message ID", b"Sender_Address"]), delimiter.join([b'"1 ""x"""', b"a@b"])
    assert rows(b"#TYPE System.Object", header, row) == [{"messageid": '1 "x"', "senderaddress": "a@b"}]


def test_each_file_has_its_own_first_line() -> None:
    source = Rows()
    list(source.read(b"a,b"))
    list(source.read(b"1,2"))
    source.begin_file(0)
    list(source.read(b"c,d"))
    list(source.read(b"3,4"))
    assert source.rows == [{"a": "1", "b": "2"}, {"c": "3", "d": "4"}]


def test_a_json_object_is_a_row() -> None:
    assert rows(b' {"Recipient Address": "a@b", "size": 1}') == [{"recipientaddress": "a@b", "size": 1}]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [([b"a,b", b"1,2,3"], "bad-value"), ([b"{"], "not-json")],
)
def test_what_is_no_row_is_refused(lines: list[bytes], reason: str) -> None:
    with pytest.raises(UnreadableRecord) as caught:
        rows(*lines)
    assert caught.value.reason == reason


def test_what_is_not_unicode_is_replaced() -> None:
    assert rows(b"a,b", b"\xff,c") == [{"a": "\ufffd", "b": "c"}]
    assert rows(b'{"a": "\xff"}', rb'{"a": "x\ud83d"}') == [{"a": "\ufffd"}, {"a": "x?"}]
    for record in (b'{"a": NaN, "b": "\xff"}', b"\xff" + b"[" * 100_000):
        with pytest.raises(UnreadableRecord, match="not-json"):
            json_object(record)


def test_a_log_of_exchange_names_its_fields_wherever_it_begins() -> None:
    remarks = (b"#Software: Microsoft Exchange Server", b"#Version: 15.02", b"#Log-type: x", b"#Date: 2026-11-24")
    log = (*remarks, b"#Fields: date-time,event-id", b"1,SEND")
    assert rows(*log, *log) == [{"datetime": "1", "eventid": "SEND"}] * 2


def test_an_object_is_no_list() -> None:
    with pytest.raises(UnreadableRecord, match="wrong-type"):
        json_object(b"[]")


def test_names_are_compared_by_letters_and_digits_alone() -> None:
    assert plain_name("Recipient address (1)") == plain_name("recipient_Address1") == "recipientaddress1"


def test_the_first_field_that_is_there_and_not_empty_counts() -> None:
    row = {"a": "", "b": None, "c": 0, "d": "x", "e": [1]}
    assert first_of(row, "none", "a", "b", "c", "d") == 0
    assert first_of(row, "none") is None
    assert (text_in(row, "a", "d"), text_in(row, "e"), text_in(row, "none")) == ("x", "", "")


@pytest.mark.parametrize(
    ("given", "expected"),
    [("18,211", 18211), (7, 7), ("0", 0), ("", None), ("-1", None), ("1.5", None), ("\u0663", None), ("9" * 16, None)],
)
def test_numbers_are_whole_and_of_sane_length(given: object, expected: int | None) -> None:
    assert number_in({"n": given}, "n") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-24T06:48:49Z", 1795502929000),
        ("2026-11-24T06:48:49.1234567Z", 1795502929123),
        ("2026-11-24 08:48:49+02:00", 1795502929000),
        ("2026-11-24 06:48:49", 1795502929000),
        ("11/24/2026 6:48:49 AM", 1795502929000),
        ("11/24/2026 12:48:49 am", 1795502929000 - 6 * 3_600_000),
        ("11/24/2026 12:48:49 PM", 1795502929000 + 6 * 3_600_000),
        ("2026/11/24 6:48:49 UTC", 1795502929000),
        ("/Date(1795502929000)/", 1795502929000),
    ],
)
def test_times_of_exports(text: str, expected: int) -> None:
    assert moment_ms(text) == expected


@pytest.mark.parametrize(
    "text", ["", "24/11/2026 06:48:49", "11/24/2026 06:48", "yesterday", "/Date(x)/", "99/99/2026 1:00 AM"]
)
def test_times_that_could_mean_two_days_are_refused(text: str) -> None:
    with pytest.raises(UnreadableRecord, match="export times as in"):
        moment_ms(text)
