"""The page of a week, also as a browser shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.backtest.groups import SenderGroups
from streams.backtest.page import LEAKS_SHOWN
from streams.backtest.week import Week, week_of
from streams.backtest.week_report import render_week, write_week
from streams.errors import UsageError
from streams.events.hit import TypoHit
from tests.backtest.chromium import Chromium
from tests.backtest.test_week import decision, state
from tests.cli.finding import DAY_MS, START_MS
from tests.cli.hits.test_run import hit

TOPICS = ("mail.typo-hits", "mail.alerts", "mail.triage")
GROUPS = SenderGroups({"mod.gov.uk": "Army & <Navy> $x$"})


def hits() -> Iterator[TypoHit]:
    for number in range(60):
        sender = f"desk{number % 7}@mod.gov.uk"
        to = "navy.ml" if number % 3 else "army.ml"
        at = number % 7 * DAY_MS + number
        status = "delivered" if number % 2 else "failed"
        yield hit(number, f"m{number}", at, sender=sender, domain=to, intended=f"{to[:4]}.mil", delivery=status)
    yield hit(70, "a1", 3 * DAY_MS, asked="asked")
    yield hit(71, "a2", 3 * DAY_MS, asked="corrected")


@pytest.fixture(scope="module")
def week() -> Week:
    """A week of sixty mails and five findings, of which one is resolved and one a false alarm."""
    states = [state(number, sender=f"desk{number}@mod.gov.uk") for number in range(5)]
    decisions = [decision("resolve", states[1]), decision("false-alarm", states[2])]
    decided = {each.finding_uid: each for each in decisions}
    return week_of(hits(), states, decided, GROUPS, since_ms=START_MS, until_ms=START_MS + 7 * DAY_MS)


@pytest.fixture(scope="module")
def text(week: Week) -> str:
    """The page under a hostile title."""
    return render_week(week, GROUPS, title="<script>alert(1)</script>", topics=TOPICS)


def test_it_shows_the_numbers_of_the_week(text: str) -> None:
    for number in (60, 30, 2, 3):
        assert f"<dd>{number}</dd>" in text
    assert "17 July 2023 to 24 July 2023" in text
    assert "The gate asked the senders of 2 mails. 1 was sent to the intended domain instead, 0 were" in text
    assert "Somebody called these a false alarm: " in text
    assert all(topic in text for topic in TOPICS)


def test_senders_of_several_mails_are_named(text: str) -> None:
    assert re.search(r"desk3@mod\.gov\.uk</span></td><td[^>]*>Army &amp; &lt;Navy&gt; \$x\$</td><td[^>]*>9<", text)


def test_mail_data_is_escaped_and_nothing_is_loaded(text: str) -> None:
    assert "<script" not in text
    assert not re.search(r"(?:https?|ftp|ws)://|//[a-z]|<link|<img|<iframe|@import|url\((?!#)", text)


def test_a_week_without_anything() -> None:
    nothing = week_of([], [], {}, GROUPS, since_ms=START_MS, until_ms=START_MS + DAY_MS)
    text = render_week(nothing, GROUPS, title="A title", topics=TOPICS)
    assert "No mail went to a mistaken domain." in text
    assert "There was no finding." in text
    assert "What the gate prevented" not in text


def test_a_page_that_cannot_be_written_is_an_error(week: Week, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't write"):
        write_week(tmp_path / "no" / "page.html", week, GROUPS, print, title="A title", topics=TOPICS)


@pytest.mark.parametrize("width", [1280, 390])
def test_it_reads_well_in_a_browser(chromium: Chromium, week: Week, tmp_path: Path, width: int) -> None:
    page = tmp_path / "week.html"
    write_week(page, week, GROUPS, print, title="Mail to mistyped domains, week 29", topics=TOPICS)
    chromium.open(page, width)
    assert chromium.errors == []
    assert chromium.outside == []
    assert chromium.value("document.documentElement.scrollWidth") == width
    assert chromium.value("document.querySelectorAll('h2').length") == 8
    chromium.screenshot(tmp_path / "page.png")
    assert (tmp_path / "page.png").stat().st_size > 20_000


def test_leaks_beyond_those_shown_are_counted() -> None:
    many = (hit(number, f"m{number}", domain=f"army{number}.ml") for number in range(LEAKS_SHOWN + 3))
    found = week_of(many, [], {}, GROUPS, since_ms=START_MS, until_ms=START_MS + DAY_MS)
    assert "And 3 more domains." in render_week(found, GROUPS, title="A title", topics=TOPICS)
