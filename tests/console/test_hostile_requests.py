"""Whatever bytes a stranger sends to a running console: an answer below 500 or a close, in time, and no traceback."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.console.process import ConsoleProcess
from tests.console.test_access import TOKEN
from tests.http.flood import ask
from tests.http.hostile import check_each, check_examples, requests
from tests.http.servers import console

pytestmark = pytest.mark.process

BY_TOKEN, BY_PROXY, OPEN = {"CONSOLE_TOKEN": TOKEN}, {"CONSOLE_USER_HEADER": "X-User"}, {"CONSOLE_STREAMS": "9"}


@pytest.fixture(scope="module", params=[OPEN, BY_TOKEN, BY_PROXY], ids=["open", "token", "proxy"])
def served(request: pytest.FixtureRequest) -> Iterator[ConsoleProcess]:
    with console(**request.param, CONSOLE_REQUESTS_PER_SECOND="10000") as process:
        yield process
        assert ask(process.port, "/health")[0] == 200
        assert process.log == f"The console is at {process.address} (Ctrl-C stops it)\n", "nothing else was logged"


def test_every_request_that_is_complete_is_answered(served: ConsoleProcess) -> None:
    check_examples(served.port)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(requests(), min_size=20, max_size=40))
def test_what_cannot_be_read_is_never_a_mistake_of_ours(served: ConsoleProcess, several: list[bytes]) -> None:
    check_each(served.port, several)
