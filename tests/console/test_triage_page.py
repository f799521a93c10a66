"""An analyst's day in two browsers, at two consoles, by keyboard alone: a real worker on a real Kafka."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from selenium.webdriver.common.keys import Keys

from streams.severity import SEVERITIES
from tests.console.axe import serious_problems
from tests.console.browser import Browser
from tests.console.conftest import Pipeline
from tests.console.process import ConsoleProcess

PATH = "?rule=sender-typo-hits"
SHARED = "printing@mod.gov.uk"


class Desk(NamedTuple):
    """An analyst's browser, at their own console."""

    browser: Browser
    console: ConsoleProcess

    def open(self, path: str = PATH) -> None:
        self.browser.open(self.console.address + path)
        self.browser.until(lambda: self.browser.texts("#connection") == ["live"], "the page is live")
        self.browser.until(lambda: self.browser.all("#open button"), "what is open is counted")

    def row(self, sender: str) -> str:
        """The text of a sender's row; empty where it isn't listed."""
        return next((text for text in self.browser.texts("#rows tr") if sender in text), "")

    def shows(self, sender: str, *parts: str) -> None:
        """Wait until a sender's row has these parts."""
        self.browser.until(lambda: all(part in self.row(sender) for part in (sender, *parts)), f"{sender}: {parts}")

    def go_to(self, sender: str) -> None:
        """Move the focus to a sender's row."""
        for _ in range(20):
            if sender in self.browser.script("return document.activeElement.closest('#rows tr')?.textContent || ''"):
                return
            self.browser.keys("j")
        raise AssertionError(f"j never reaches {sender}")


@pytest.fixture
def desks(pipeline: Pipeline, browser: Browser, dark_browser: Browser) -> Iterator[tuple[Desk, Desk]]:
    """Ross, who prefers light pages, and Khan, who prefers dark ones."""
    own = {"BROKERS": pipeline.settings.brokers, "TOPIC_PREFIX": pipeline.settings.topic_prefix}
    with (
        ConsoleProcess(own, under=("env", "LOGNAME=ross")) as first,
        ConsoleProcess(own, under=("env", "LOGNAME=khan")) as second,
    ):
        yield Desk(browser, first), Desk(dark_browser, second)
        for each in (browser, dark_browser):
            each.open("about:blank")


def publish_ten(pipeline: Pipeline) -> list[str]:
    """Ten findings; their senders, those that matter most first."""
    senders = [SHARED, *(f"desk{number}@mod.gov.uk" for number in range(1, 10))]
    for sender in senders[3:]:
        pipeline.publish(sender, "ops@fcod.gov.uk")
    for sender in senders[1:3]:
        for _ in range(3):
            pipeline.publish(sender, "ops@fcod.gov.uk")
    for _ in range(10):
        pipeline.publish(SHARED)
    return senders


def test_an_analysts_walk(pipeline: Pipeline, desks: tuple[Desk, Desk], axe: str) -> None:
    ross, khan = desks
    worst, second, third, *others = publish_ten(pipeline)
    for desk in desks:
        desk.browser.until(lambda: desk.console.get("/api/overview?severity=high")[1]["total"] >= 1, "all is counted")  # noqa: B023
        desk.open()
        desk.browser.until(lambda: len(desk.browser.all("#rows tr")) == 10, "ten findings have arrived")  # noqa: B023
    ross.shows(worst, "high")
    ross.open()
    severities = [SEVERITIES[word] for word in ross.browser.texts("#rows td:first-child")]
    assert severities == sorted(severities, reverse=True)
    assert worst in ross.browser.texts("#rows .open")[0]
    opened = sum(ross.console.get("/api/overview")[1]["open"].values())
    ross.browser.until(lambda: ross.browser.driver.title == f"({opened}) straymail", "the tab counts what is open")

    ross.go_to(worst)
    ross.browser.keys("a")
    khan.shows(worst, "in progress", "ross")
    khan.go_to(second)
    khan.browser.keys("a")
    ross.shows(second, "in progress", "khan")
    khan.open()
    assert khan.browser.texts("#rows .open")[0] == second, "one's own come first"

    ross.go_to(worst)
    ross.browser.keys("r")
    khan.shows(worst, "resolved")
    ross.browser.until(lambda: ross.browser.driver.title == f"({opened - 1}) straymail", "one less is open")
    for _ in range(6):
        pipeline.publish(worst)
    for desk in desks:
        desk.shows(worst, "reopened", "16")

    khan.go_to(third)
    khan.browser.keys(Keys.ENTER)
    khan.browser.until(lambda: third in "".join(khan.browser.texts("#detail h2")), "the finding is open")
    khan.browser.keys(Keys.TAB, 'our "printer"', Keys.TAB, Keys.TAB, Keys.TAB, Keys.ENTER)
    khan.browser.until(lambda: "no longer found" in "".join(khan.browser.texts(".effect")), "what the line changes")
    line = khan.browser.texts(".watchlist pre")[0]
    assert line.startswith('allowed:\n  - {domain: fcod.gov.uk, reason: "our \\"printer\\"", owner: "khan", until: ')
    assert "fcod.gov.uk" in khan.browser.texts(".watchlist pre")[1]
    ross.shows(third, "false alarm", "khan")
    assert ": Resolved, by ross" in ross.console.log
    assert "printer" not in khan.console.log, "no note is logged"
    assert "@" not in khan.console.log, "and no address"
    for desk in desks:
        assert serious_problems(desk.browser, axe) == []
        assert desk.browser.console() == []
    assert all("new" in ross.row(sender) for sender in others)


def test_filters_hold_for_the_charts_and_a_name_or_a_bar_filters(pipeline: Pipeline, browser: Browser) -> None:
    one, other = "charts1@mod.gov.uk", "charts2@mod.gov.uk"
    pipeline.publish(one)
    pipeline.publish(other, "ops@fcod.gov.uk")
    desk = Desk(browser, pipeline.console)
    desk.open(f"{PATH}&sender=charts")
    desk.shows(other, "fcod.gov.uk")
    browser.until(lambda: {one, other} <= set(browser.texts("#strip .name")), "the chart has both")
    desk.open(f"{PATH}&sender=charts2")
    browser.until(
        lambda: browser.texts("#strip h3 span:first-child")[0] == "1 mail to mistaken domains", "it counts one"
    )
    assert one not in "".join(browser.texts("#strip .name"))
    desk.open()
    browser.script("document.querySelector('#strip .column').dispatchEvent(new MouseEvent('click'))")
    browser.until(lambda: "since=" in browser.driver.current_url and "until=" in browser.driver.current_url, "the hour")
    browser.until(lambda: desk.row(one), "its findings are listed")
    assert " to " in browser.script("return document.querySelector('[name=since]').selectedOptions[0].textContent")
    browser.find("#clear").click()
    browser.until(lambda: "since=" not in browser.driver.current_url, "it is cleared")
    assert browser.console() == []


def test_the_findings_of_a_sender_are_one_row_and_open_into_them(
    pipeline: Pipeline, browser: Browser, axe: str
) -> None:
    sender, day_ms = "twice@mod.gov.uk", 86_400_000
    desk = Desk(browser, pipeline.console)
    pipeline.publish(sender)
    pipeline.publish(sender, "ops@fcod.gov.uk", time=pipeline_time() - 2 * day_ms)
    desk.open(f"{PATH}&sender=twice")
    desk.shows(sender, "2 findings")
    assert len(browser.all("#rows tr")) == 1
    desk.go_to(sender)
    browser.keys("a", Keys.ENTER)
    browser.until(lambda: len(browser.all(".case button")) == 2, "both are listed")
    browser.until(lambda: "".join(browser.texts(".case")).count("in progress") == 2, "both are acknowledged")
    browser.all(".case button")[1].click()
    browser.until(lambda: "fcod.gov.uk" in "".join(browser.texts("#detail h2")), "the other one is open")
    assert serious_problems(browser, axe) == []
    assert browser.console() == []


def pipeline_time() -> int:
    return time.time_ns() // 1_000_000


def test_what_is_copied_of_a_domain_is_the_domain(pipeline: Pipeline, browser: Browser) -> None:
    sender = "copier@mod.gov.uk"
    pipeline.publish(sender)
    desk = Desk(browser, pipeline.console)
    desk.open(f"{PATH}&sender=copier")
    desk.shows(sender)
    selected = "const range = document.createRange(); range.selectNodeContents(document.querySelector(arguments[0]));"
    selected += "const all = getSelection(); all.removeAllRanges(); all.addRange(range); return all.toString().trim()"
    assert browser.script(selected, "#rows .domain") == "army.ml"
    assert browser.script(selected, "#rows .below .domain") == "army.mil"


def test_who_may_not_decide_reads_all_the_same(pipeline: Pipeline, narrow_browser: Browser, axe: str) -> None:
    sender = "reader@mod.gov.uk"
    pipeline.publish(sender)
    own = {"BROKERS": pipeline.settings.brokers, "TOPIC_PREFIX": pipeline.settings.topic_prefix, "CONSOLE_TRIAGE": ""}
    with ConsoleProcess(own) as console:
        desk = Desk(narrow_browser, console)
        desk.open(f"{PATH}&sender=reader")
        desk.shows(sender)
        desk.go_to(sender)
        narrow_browser.keys("r", Keys.ENTER)
        narrow_browser.until(lambda: "console.triage" in "".join(narrow_browser.texts(".triage")), "it says why")
        assert narrow_browser.all(".triage button") == []
        assert "new" in desk.row(sender)
        assert serious_problems(narrow_browser, axe) == []
        assert narrow_browser.console() == []
