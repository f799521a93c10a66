"""Whatever bytes a stranger sends to the web server of a worker or a gate: an answer below 500 or a close, in time, no
traceback."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.http.flood import ask
from tests.http.hostile import check_each, check_examples, requests
from tests.http.servers import Served, gate_checks, worker_pages

pytestmark = pytest.mark.process


@pytest.fixture(scope="module", params=[worker_pages, gate_checks])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with request.param(tmp_path_factory.mktemp("server")) as process:
        yield process
        assert ask(process.port, process.health)[0] == 200
        assert process.log == "", "nothing was logged"


def test_every_request_that_is_complete_is_answered(served: Served) -> None:
    check_examples(served.port)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(requests(), min_size=20, max_size=40))
def test_what_cannot_be_read_is_never_a_mistake_of_ours(served: Served, several: list[bytes]) -> None:
    check_each(served.port, several)
