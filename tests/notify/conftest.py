from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.notify.postfix import Postfix


@pytest.fixture
def postfix() -> Iterator[Postfix]:
    """A mail server of the test's own, which refuses `gone@mod.gov.uk`."""
    reason = Postfix.missing()
    if reason is not None:
        pytest.skip(reason)
    with Postfix(refused=("gone@mod.gov.uk",)) as server:
        yield server
