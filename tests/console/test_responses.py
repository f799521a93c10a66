"""Answers and refusals."""

from __future__ import annotations

import orjson
import pytest
from aiohttp.test_utils import make_mocked_request

from streams.console.responses import json_response, refusal


def test_data_is_json() -> None:
    answer = json_response({"a": "\u00fc"}, 201, {"X-Some": "x"})
    assert (answer.status, answer.content_type, answer.headers["X-Some"]) == (201, "application/json", "x")
    assert isinstance(answer.body, bytes)
    assert orjson.loads(answer.body) == {"a": "\u00fc"}


@pytest.mark.parametrize(
    ("path", "content_type", "body"),
    [
        ("/api/findings", "application/json", b'{"error":"No."}'),
        ("/", "text/plain", b"No.\n"),
        ("/apis", "text/plain", b"No.\n"),
    ],
)
def test_a_refusal_has_its_reason_in_the_form_that_was_asked_for(path: str, content_type: str, body: bytes) -> None:
    answer = refusal(make_mocked_request("GET", path), 403, "No.", {"Retry-After": "1"})
    assert (answer.status, answer.content_type, answer.body) == (403, content_type, body)
    assert answer.headers["Retry-After"] == "1"
