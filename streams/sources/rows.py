"""Exports of rows: CSV with a header line, or JSON objects. Column names are compared by letters and digits alone."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

import orjson

from streams.errors import UnreadableRecord
from streams.events.mail import MailEvent
from streams.events.reasons import Reason
from streams.sources.build_event import text_of
from streams.sources.merger import Merger
from streams.sources.source import Framing, Source
from streams.sources.stamp import MONTHS

Row = Mapping[str, Any]
_PARTS = {separator: re.compile(rf'(?:"(?:[^"\\]|\\.)*+(?:"|\\?$)|[^"{separator}])++', re.DOTALL) for separator in ",;"}
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]")
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d\d)(?::(\d\d))? ([AP])M", re.IGNORECASE)
_NAMED = re.compile(
    r"([A-Z][a-z]{2}) (\d{1,2}), (\d{4}),? (\d{1,2}):(\d\d):(\d\d)(?:\.\d{1,9})? ([AP])M", re.IGNORECASE
)
_DOTNET = re.compile(r"/Date\((-?\d{1,15})\)/")
_SLASHED = re.compile(r"(\d{4})/(\d\d?)/(\d\d?) (\d\d?:\d\d:\d\d)(?: UTC| GMT|Z)?")


FIELDS = "#Fields:"
DIRECTIVES = ("#Software:", "#Version:", "#Log-type:", "#Log-Type:", "#Date:")
"""What a log of Exchange has before its rows: the names of the fields, and remarks."""


class RowSource(Source):
    """Reads exports in which several rows may be about one mail: they are joined, see `Merger`."""

    framing: ClassVar[Framing] = "rows"

    def __post_init__(self) -> None:
        self._header: list[str] | None = None
        self._delimiter = ","
        self._merger = Merger(self.name)

    def begin_file(self, modified_ms: int) -> None:
        self._header = None

    def read(self, record: bytes) -> Iterable[MailEvent]:
        row = self._row(record)
        return () if row is None else self._read_row(row)

    def finish(self) -> Iterator[MailEvent]:
        return self._merger.drain()

    def _read_row(self, row: Row) -> Iterable[MailEvent]:
        """The events that are complete with this row. Raises UnreadableRecord."""
        raise NotImplementedError

    def _row(self, record: bytes) -> Row | None:
        """The row's values by plain column name; None for the header line."""
        if record.lstrip()[:1] == b"{":
            return {plain_name(name): value for name, value in json_object(record).items()}
        text = text_of(record)
        if text.startswith(FIELDS):  # a log of Exchange; several of them may have been put into one file
            self._set_header(text.removeprefix(FIELDS).strip())
            return None
        if self._header is None or text.startswith(DIRECTIVES):
            if text.startswith("#"):  # PowerShell's Export-Csv begins with a `#TYPE` line
                return None
            self._set_header(text)
            return None
        cells = self._cells(text)
        if len(cells) != len(self._header):
            detail = f"The row has {len(cells)} fields, the file's first line {len(self._header)}."
            raise UnreadableRecord(Reason.BAD_VALUE, detail)
        return dict(zip(self._header, cells, strict=True))

    def _set_header(self, text: str) -> None:
        self._delimiter = max(",;\t", key=text.count)
        self._header = [plain_name(name) for name in self._cells(text)]

    def _cells(self, text: str) -> list[str]:
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=self._delimiter))
        except csv.Error:
            raise UnreadableRecord(Reason.BAD_VALUE, "The row is not CSV.") from None
        return rows[0] if rows else []


def json_object(record: bytes) -> dict[str, Any]:
    """A record decoded as one JSON object. Raises UnreadableRecord."""
    try:
        found = orjson.loads(record)
    except orjson.JSONDecodeError:
        found = _json_beyond_utf8(record)
    if not isinstance(found, dict):
        raise UnreadableRecord(Reason.WRONG_TYPE, "The record is not a JSON object.")
    return found


def _json_beyond_utf8(record: bytes) -> Any:
    """JSON with texts that are not Unicode: bytes as a sensor copied them from the wire, half an emoji where a subject
    was cut. What can't be read of them is replaced."""
    try:
        found = json.loads(record.decode(errors="replace"), parse_constant=_no_constant)
        return orjson.loads(json.dumps(found, ensure_ascii=False).encode(errors="replace"))
    except (ValueError, RecursionError):
        raise UnreadableRecord(Reason.NOT_JSON, "The record is not JSON.") from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def plain_name(name: str) -> str:
    """A column name in lower case without blanks and marks: `recipientaddress` for `Recipient address`."""
    return _NOT_IN_NAMES.sub("", name.lower())


def first_of(row: Row, *names: str) -> Any:
    """The value of the first of these fields that is present and not empty, else None."""
    return next((row[name] for name in names if row.get(name) not in (None, "")), None)


def text_in(row: Row, *names: str) -> str:
    """The first of these fields as text; empty where there is none."""
    found = first_of(row, *names)
    return "" if found is None or isinstance(found, dict | list) else str(found).strip()


def texts_in(row: Row, *names: str) -> list[str]:
    """The first of these fields as texts: the parts of a list, or the one text that is there."""
    found = first_of(row, *names)
    parts = found if isinstance(found, list) else [text_in(row, *names)]
    return [str(part).strip() for part in parts if part and not isinstance(part, dict | list)]


def addresses_in(text: str, separator: str) -> list[str]:
    """The addresses of a list with this separator, `,` or `;`, which within a quoted local part does not separate."""
    return [part for part in _PARTS[separator].findall(text) if part.strip()]


def number_in(row: Row, *names: str) -> int | None:
    """The first of these fields as a whole number of 0 or more; None where it is not one."""
    found = text_in(row, *names).replace(",", "")
    return int(found) if found.isascii() and found.isdecimal() and len(found) < 16 else None


def moment_ms(text: str) -> int:
    """A time of an export in ms since the epoch; UTC where it has no offset. Raises UnreadableRecord.

    Takes ISO 8601, `2026/11/24 06:48:49 UTC`, `11/24/2026 6:48:49 AM` (only with AM or PM: without it, day and month
    may be in either order), `Nov 24, 2026 6:48:49 AM`, and `/Date(1795502929000)/`.
    """
    text = text.strip()
    try:
        if found := _DOTNET.fullmatch(text):
            return int(found[1])
        return int(_moment(text).timestamp() * 1000)
    except (ValueError, OverflowError, KeyError):
        detail = "The time is in an unknown format: export times as in 2026-11-24T06:48:49Z."
        raise UnreadableRecord(Reason.BAD_VALUE, detail) from None


def _moment(text: str) -> datetime:
    if found := _AMERICAN.fullmatch(text):
        month, day, year, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
        return datetime(year, month, day, hour % 12 + 12 * (found[7] in "Pp"), minute, second, tzinfo=UTC)
    if found := _NAMED.fullmatch(text):
        day, year, hour, minute, second = (int(part) for part in found.groups()[1:6])
        month = MONTHS[found[1].title().encode()]
        return datetime(year, month, day, hour % 12 + 12 * (found[7] in "Pp"), minute, second, tzinfo=UTC)
    if found := _SLASHED.fullmatch(text):
        text = f"{found[1]}-{int(found[2]):02}-{int(found[3]):02} {found[4]:>08}"
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
