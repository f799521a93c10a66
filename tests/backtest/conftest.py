"""Fixtures of the tests of reports."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.backtest.chromium import Chromium, NoChromiumError


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    try:
        browser = Chromium()
    except NoChromiumError as reason:
        pytest.skip(str(reason))
    with browser:
        yield browser
