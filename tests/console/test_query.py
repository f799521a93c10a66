"""Query strings, valid and hostile."""

from __future__ import annotations

import pytest

from streams.console.finding_order import place
from streams.console.query import (
    BadQueryError,
    case_place_of,
    read_case_place,
    read_filter,
    read_limit,
    read_place,
    read_sort,
)
from streams.severity import Severity
from tests.console.samples import NOW_MS, found

HOUR_MS = 3_600_000


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ({}, True),
        ({"severity": "high"}, True),
        ({"severity": "critical"}, False),
        ({"rule": "sender-typo-hits"}, True),
        ({"rule": "sender"}, False),
        ({"domain": "Army.M"}, True),
        ({"domain": "army.mil"}, True),
        ({"domain": "navy"}, False),
        ({"sender": " DESK@"}, True),
        ({"sender": "clerk"}, False),
        ({"slip": "omission"}, True),
        ({"slip": "transposition"}, False),
        ({"since": "4h"}, True),
        ({"since": "3h"}, False),
        ({"since": "2023-07-17T08:00:00Z"}, True),
        ({"since": "2023-07-17T08:00:01+00:00"}, False),
        ({"severity": "low", "domain": "army", "sender": "desk", "since": "7d"}, True),
        ({"until": "2023-07-17T06:00:01Z"}, True),
        ({"until": "2023-07-17T06:00:00Z"}, False),
        ({"status": "open"}, True),
        ({"status": "new"}, True),
        ({"status": "resolved"}, False),
        ({"assignee": "khan"}, False),
        ({"case": "sender:desk@mod.gov.uk"}, True),
        ({"case": "sender:desk"}, False),
        ({"unknown": "x"}, True),
    ],
)
def test_what_a_filter_matches(query: dict[str, str], matches: bool) -> None:
    assert read_filter(query, NOW_MS).matches(found(severity=Severity.HIGH)) is matches


def test_a_finding_of_many_senders_has_none_to_filter_by() -> None:
    leak = found(rule="domain-leak", group_by="domain", sender=None)
    assert not read_filter({"sender": "desk"}, NOW_MS).matches(leak)


@pytest.mark.parametrize(
    "query",
    [
        {"severity": "awful"},
        {"since": "yesterday"},
        {"since": "2023-07-17T08:00:00"},
        {"since": "99999999d"},
        {"domain": "x" * 400},
        {"status": "closed"},
        {"until": "tomorrow"},
    ],
)
def test_filters_that_are_refused(query: dict[str, str]) -> None:
    with pytest.raises(BadQueryError, match=next(iter(query))):
        read_filter(query, NOW_MS)


@pytest.mark.parametrize("text", ["0", "501", "-1", "x", "", "1e2", "\u0663"])
def test_limits_that_are_refused(text: str) -> None:
    with pytest.raises(BadQueryError, match="limit must be"):
        read_limit({"limit": text})


@pytest.mark.parametrize("text", ["x", "1", "1.", ".a", "1.<b>"])
def test_places_that_are_refused(text: str) -> None:
    with pytest.raises(BadQueryError, match="after must be"):
        read_place({"after": text})


def test_the_place_of_a_case_is_read_as_it_was_written() -> None:
    finding = found()
    assert read_case_place({"after": case_place_of(finding, "count", "khan")}) == place(finding, "count", "khan")
    assert read_case_place({}) is None


@pytest.mark.parametrize("text", ["x", "1.1.1.1", "2.0.3.4.a", "0.0.-3.4.a", "1.1.1.1.<b>"])
def test_places_of_cases_that_are_refused(text: str) -> None:
    with pytest.raises(BadQueryError, match="after must be"):
        read_case_place({"after": text})


def test_cases_are_sorted_by_severity_unless_asked_otherwise() -> None:
    assert (read_sort({}), read_sort({"sort": "last"})) == ("severity", "last")
    with pytest.raises(BadQueryError, match="sort must be"):
        read_sort({"sort": "sender"})
