"""Mail systems that ask a real gate by the settings of docs/gate.md; those of a module share one of each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cache import UnavailableError
from tests.gate.mail import page
from tests.gate.mail.exim import AskingExim
from tests.gate.mail.page import snippet
from tests.gate.mail.postfix import AskingPostfix
from tests.gate.mail.running_gate import RunningGate


@pytest.fixture(scope="module")
def gate() -> Iterator[RunningGate]:
    with RunningGate() as running:
        yield running


@pytest.fixture(scope="module")
def exim(gate: RunningGate) -> Iterator[AskingExim]:
    try:
        server = AskingExim(snippet(page.EXIM, gate.addresses))
    except UnavailableError as reason:
        pytest.skip(str(reason))
    with server:
        yield server


@pytest.fixture(scope="module")
def postfix(request: pytest.FixtureRequest, gate: RunningGate) -> Iterator[AskingPostfix]:
    """With the settings that the module names in SETTINGS."""
    try:
        server = AskingPostfix("\n".join(snippet(each, gate.addresses) for each in request.module.SETTINGS))
    except UnavailableError as reason:
        pytest.skip(str(reason))
    with server:
        yield server
