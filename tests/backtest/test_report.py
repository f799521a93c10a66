"""The report, in a real browser: no error, nothing from outside, nothing wider than the page."""

from __future__ import annotations

import os
import re
from pathlib import Path

import orjson
import pytest

from streams.backtest.groups import SenderGroups
from streams.backtest.report import render, write_report
from streams.backtest.run import Result
from streams.errors import UsageError
from tests.backtest.chromium import Chromium
from tests.backtest.history import events, plan
from tests.backtest.test_run import run

MADE_MS = 1_767_312_000_000
IMAGES = Path(__file__).parents[2] / "docs" / "images"
"""`KEEP_SCREENSHOTS=1 pytest tests/backtest/test_report.py` writes the pictures in docs/images."""
GROUPS = SenderGroups({"hq.mod.example": "Headquarters", "army.mod.example": "Army & <Navy> $x$"})


@pytest.fixture(scope="module")
def result() -> Result:
    return run((orjson.dumps(event) for event in events(20_000)), plan(GROUPS))[0]


@pytest.fixture(scope="module")
def page(result: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(path, result, plan(GROUPS), print, title="Mail to mistyped domains, 2025", made_ms=MADE_MS)
    return path


@pytest.mark.parametrize("width", [1280, 390])
def test_it_reads_well_in_a_browser(chromium: Chromium, page: Path, tmp_path: Path, width: int) -> None:
    chromium.open(page, width)
    assert chromium.errors == []
    assert chromium.outside == []
    assert chromium.value("document.documentElement.scrollWidth") == width
    shown = "[...document.querySelectorAll('svg')].filter(svg => svg.getBoundingClientRect().width > 0)"
    assert chromium.value(f"{shown}.length") == 4
    assert chromium.value(f"Math.max(...{shown}.map(svg => svg.getBoundingClientRect().right))") <= width
    sizes = (
        f"{shown}.flatMap(svg => [...svg.querySelectorAll('text')].map(text => text.getBoundingClientRect().height))"
    )
    assert chromium.value(f"Math.min(...{sizes})") >= 8
    ids = "[...document.querySelectorAll('[id]')].map(element => element.id)"
    assert chromium.value(f"{ids}.length === new Set({ids}).size")
    assert chromium.value("document.querySelectorAll('h2').length") == 6
    chromium.screenshot(tmp_path / "page.png")
    if os.environ.get("KEEP_SCREENSHOTS"):
        chromium.screenshot(IMAGES / f"backtest-report-{width}.png", height=2_200)
    assert (tmp_path / "page.png").stat().st_size > 20_000


@pytest.fixture(scope="module")
def text(result: Result) -> str:
    """The report under a hostile title."""
    return render(result, plan(GROUPS), title="<script>alert(1)</script>", made_ms=MADE_MS)


def test_it_links_to_nothing_outside(text: str) -> None:
    assert not re.search(r"(?:https?|ftp|ws)://|//[a-z]|<script|<link|<img|<iframe|@import|url\((?!#)", text)
    assert set(re.findall(r"(?:href|src)=\"([^\"#]*)", text)) <= {""}


def test_mail_data_is_escaped(text: str) -> None:
    assert "<script" not in text
    assert "Army &amp; &lt;Navy&gt; $x$" in text


def test_it_shows_the_numbers_of_the_result(result: Result) -> None:
    text = render(result, plan(), title="A title", made_ms=MADE_MS)
    for number in (result.scored, result.totals.mails, result.totals.delivered, len(result.totals.domains)):
        assert f"<dd>{number:,}</dd>" in text
    assert "1 January 2025 to 31 December 2025" in text
    assert all(
        f'<span class="domain">{tally.mistaken.intended}</span>' in text for tally in result.totals.domains.values()
    )


def test_nothing_found_and_nothing_read() -> None:
    clean, _ = run(orjson.dumps(event) for event in events(100, slips=0))
    assert "No mail went to a mistaken domain." in render(clean, plan(), title="A title", made_ms=MADE_MS)
    empty, _ = run([])
    assert "No mail was read." in render(empty, plan(), title="A title", made_ms=MADE_MS)


def test_a_page_that_cannot_be_written_is_an_error(result: Result, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't write"):
        write_report(tmp_path / "no" / "page.html", result, plan(), print, title="A title", made_ms=MADE_MS)


@pytest.mark.parametrize(("first", "last", "bars"), [(20_089, 20_099, 11), (20_089, 20_400, 46), (20_089, 21_500, 47)])
def test_bars_by_day_week_and_month(first: int, last: int, bars: int) -> None:
    from streams.backtest.charts import over_time

    chart = over_time("name", "A label", {first: 1, last: 2}, (first, last))
    assert chart.wide.count("<path d=") >= bars
    assert 'role="img" aria-label="A label"' in chart.wide
