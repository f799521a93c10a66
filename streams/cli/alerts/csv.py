"""Alerts as CSV (RFC 4180), for spreadsheets: a line for each state of a finding. No cell is a formula."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import BinaryIO

from streams.events.alert_view import AlertView
from streams.events.safe_text import clean

COLUMNS = (
    *("time", "finding", "sequence", "activity", "severity", "rule", "counts", "count", "count_is_minimum", "peak"),
    *("delivered_count", "window", "window_start", "window_end", "first_seen", "last_seen", "sender", "domain"),
    *("intended", "slip", "score", "domain_count", "labels", "owner", "runbook_url", "title", "remediation"),
    *("asked_count", "confirmed_count", "corrected_count"),
)
FORMULA_STARTS = ("=", "+", "-", "@", "\N{MINUS SIGN}")
"""Spreadsheets take a cell that begins with one of these, or with what NFKC makes one of them, for a formula, which
hostile mail data could exploit."""
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?").fullmatch


def write_csv(views: Iterable[AlertView], file: BinaryIO, *, header: bool = True) -> None:
    """Write the column names and a line for each alert, flushed at once. UTF-8; times are RFC 3339 in UTC."""
    if header:
        file.write(_line(COLUMNS))
    for view in views:
        file.write(_line([_cell(value) for value in _values(view)]))
        file.flush()


def _values(view: AlertView) -> tuple[object, ...]:
    first = view.domains[0] if view.domains else None
    return (
        *(_time(view.time_ms), view.uid, view.sequence, view.activity, view.severity.word, view.rule, view.counts),
        *(view.count, view.count_is_minimum, view.peak, view.delivered_count, view.window),
        *(_time(view.start_ms), _time(view.end_ms), _time(view.first_seen_ms), _time(view.last_seen_ms)),
        *(view.sender, view.domain, view.intended, view.slip, first.score if first else None, view.domain_count),
        *("; ".join(view.labels), view.owner, view.runbook_url, view.title, view.remediation),
        *view.asked,
    )


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    # A spreadsheet that splits at semicolons ignores a quote within a cell. There are no tabs: `clean` writes them out.
    return ";".join(map(_inert, ("" if value is None else clean(str(value))).split(";")))


def _inert(part: str) -> str:
    """The cell, or a part of it that may become one, with an apostrophe before what would be a formula."""
    start = unicodedata.normalize("NFKC", part).lstrip(' "')
    return f"'{part}" if start.startswith(FORMULA_STARTS) and not _NUMBER(part) else part


def _time(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _line(cells: Iterable[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(list(cells))
    return text.getvalue().encode()
