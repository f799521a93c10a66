"""Gmail's log events in the shapes of Google's APIs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.sources.google_shapes import of_activity, of_rest_row

FIELDS = [
    {"name": "event_info", "fields": [{"name": "success"}]},
    {"name": "message_info", "fields": [{"name": "destination", "mode": "REPEATED", "fields": [{"name": "address"}]}]},
]


def test_a_row_of_the_rest_api_has_the_names_of_its_schema() -> None:
    destinations = [{"v": {"f": [{"v": "a@b"}]}}, {"v": {"f": [{"v": "c@d"}]}}]
    row = {"f": [{"v": {"f": [{"v": "true"}]}}, {"v": {"f": [{"v": destinations}]}}]}
    assert of_rest_row(row, FIELDS) == {
        "event_info": {"success": "true"},
        "message_info": {"destination": [{"address": "a@b"}, {"address": "c@d"}]},
    }


@pytest.mark.parametrize("events", ["one", "list"])
def test_an_activity_has_its_parameters_by_name(events: str) -> None:
    destination = {"parameter": [{"name": "address", "value": "a@b"}, {"name": "selectors", "multiValue": ["x"]}]}
    parameters = [
        {"name": "event_info", "messageValue": {"parameter": [{"name": "success", "boolValue": True}]}},
        {"name": "destination", "multiMessageValue": [destination]},
    ]
    event = {"name": "delivery", "parameters": parameters}
    assert list(of_activity({"events": event if events == "one" else [event]})) == [
        {"event_info": {"success": True}, "destination": [{"address": "a@b", "selectors": ["x"]}]}
    ]


KEYS = st.sampled_from(["f", "v", "fields", "name", "events", "parameters", "parameter", "messageValue"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
)


@given(st.dictionaries(KEYS, VALUES), st.lists(VALUES, max_size=3))
def test_any_json_has_a_shape(row: dict[str, Any], fields: list[Any]) -> None:
    of_rest_row(row, fields)
    list(of_activity(row))


def test_values_within_values_have_an_end() -> None:
    cell: Any = {"v": "x"}
    field: dict[str, Any] = {"name": "a"}
    parameter: Any = {"name": "a", "value": "x"}
    for _ in range(2_000):
        cell, field = {"v": {"f": [cell]}}, {"name": "a", "fields": [field]}
        parameter = {"name": "a", "messageValue": {"parameter": [parameter]}}
    of_rest_row({"f": [cell]}, [field])
    list(of_activity({"events": [{"parameters": [parameter]}]}))
