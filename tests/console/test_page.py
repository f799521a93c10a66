"""The page in a browser, against a real worker on a real Kafka."""

from __future__ import annotations

import getpass
import time
import uuid

import pytest
from selenium.webdriver.common.keys import Keys

from tests.console.axe import serious_problems
from tests.console.browser import Browser
from tests.console.conftest import Pipeline

WITHIN_S = 2.0


def rows(browser: Browser) -> str:
    return "\n".join(browser.texts("#rows tr"))


def live(browser: Browser) -> bool:
    return browser.texts("#connection") == ["live"]


def new_sender() -> str:
    return f"desk-{uuid.uuid4().hex[:8]}@mod.gov.uk"


def show(browser: Browser, pipeline: Pipeline, path: str = "") -> None:
    """Open the page, and wait until it is live."""
    browser.open(pipeline.console.address + path)
    browser.until(lambda: live(browser), "the page is live")
    browser.until(lambda: browser.script("return !document.querySelector('#total').textContent.startsWith('Find')"), "")


def show_finding(browser: Browser, pipeline: Pipeline, sender: str) -> None:
    """Open the page with the findings of senders, newest first, publish a new one of this sender, and wait for it."""
    show(browser, pipeline, "?rule=sender-typo-hits&sort=last")
    pipeline.publish(sender)
    browser.until(lambda: sender in rows(browser), "the finding is shown")


def test_an_empty_page_shows_how_to_feed_it(pipeline: Pipeline, browser: Browser, axe: str) -> None:
    show(browser, pipeline)
    assert "straymail publish --sample" in browser.find("#empty").text
    assert serious_problems(browser, axe) == []
    assert browser.console() == []


def test_an_event_is_a_finding_on_the_page_within_two_seconds(pipeline: Pipeline, browser: Browser) -> None:
    show_finding(browser, pipeline, new_sender())  # warms the worker up
    sender = new_sender()
    pipeline.publish(sender)
    published = time.monotonic()
    browser.until(lambda: sender in rows(browser), "the finding is shown")
    assert time.monotonic() - published < WITHIN_S
    row = next(text for text in browser.texts("#rows tr") if sender in text)
    assert "army.ml" in row
    assert browser.texts("#rows .piece.lost")
    assert "i" in browser.texts("#rows .piece.meant-lost")
    assert browser.console() == []


def test_what_the_gate_stopped_is_counted_apart(pipeline: Pipeline, browser: Browser, axe: str) -> None:
    sender, asked = new_sender(), {"source": "gate", "delivery": "rejected", "message_id": "<1@gate.straymail>"}
    show_finding(browser, pipeline, sender)
    pipeline.publish(sender, "pat@navy.ml", labels=["asked", "corrected"], **asked)
    browser.until(lambda: "1 delivered, 1 asked" in rows(browser), "the question is shown")
    next(row for row in browser.all("#rows tr") if sender in row.text).click()
    browser.until(
        lambda: "1 asked, 0 confirmed, 1 corrected" in browser.find("#detail").text, "what came of it is shown"
    )
    assert f"{sender} sent 1 mail to army.ml" in browser.find("#detail").text
    assert browser.texts("#detail .badge.corrected") == ["corrected"]
    assert serious_problems(browser, axe) == []
    assert browser.console() == []


def test_a_filter_is_in_the_address_and_applies_to_new_findings(pipeline: Pipeline, browser: Browser) -> None:
    sender, other = new_sender(), new_sender()
    show_finding(browser, pipeline, sender)
    browser.find("input[name=sender]").send_keys(sender[:13])
    browser.until(lambda: len(browser.all("#rows tr")) == 1, "one row is left")
    assert sender in rows(browser)
    browser.until(lambda: f"sender={sender[:13]}" in browser.driver.current_url, "the address has the filter")
    pipeline.publish(other)
    pipeline.publish(sender, recipient="ops@navy.ml")
    browser.script("document.activeElement.blur()")
    browser.until(lambda: "and 1 other" in rows(browser), "the row is brought up to date")
    assert other not in rows(browser)
    browser.driver.refresh()
    browser.until(lambda: len(browser.all("#rows tr")) == 1, "the filter holds after a reload")
    browser.find("#clear").click()
    browser.until(lambda: other in rows(browser), "all are shown again")
    browser.find("select[name=severity]").send_keys("critical")
    browser.until(lambda: "No finding matches" in browser.find("#empty").text, "none is left")
    assert browser.console() == []


def test_a_finding_opens_with_evidence_advice_and_json(pipeline: Pipeline, browser: Browser, axe: str) -> None:
    sender = new_sender()
    show_finding(browser, pipeline, sender)
    next(button for button in browser.all("#rows .open") if button.text == sender).click()
    steps = browser.find(".steps").text
    assert "Tell the sender" in steps
    assert "Block army.ml" in steps
    assert "ops@army.ml" in browser.find(".mails").text
    assert "finding=" in browser.driver.current_url
    assert serious_problems(browser, axe) == []
    assert browser.console() == []


def test_texts_can_be_copied(pipeline: Pipeline, browser: Browser) -> None:
    sender = new_sender()
    show_finding(browser, pipeline, sender)
    next(button for button in browser.all("#rows .open") if button.text == sender).click()
    browser.allow_clipboard(pipeline.console.address)
    browser.find("input[name=reason]").send_keys('a "friend"')
    browser.script("document.querySelector('#detail input[name=until]').value = '2027-06-30'")
    browser.find("input[name=reason]").send_keys("!")
    browser.find(".watchlist .copied button").click()
    browser.until(lambda: "Copied" in browser.texts(".watchlist .copied button"), "it is copied")
    expected = f'domain: army.ml, reason: "a \\"friend\\"!", owner: "{getpass.getuser()}", until: 2027-06-30'
    assert browser.clipboard() == f"allowed:\n  - {{{expected}}}\n"
    browser.find("details[data-name=alert] summary").click()
    browser.find("details[data-name=alert] button").click()
    browser.until(lambda: '"class_uid": 2004' in browser.clipboard(), "the alert is copied")
    assert browser.console() == []


def test_everything_works_with_the_keyboard(pipeline: Pipeline, browser: Browser) -> None:
    first, second = new_sender(), new_sender()
    show_finding(browser, pipeline, first)
    show_finding(browser, pipeline, second)
    browser.keys("j", "j", "k")
    assert second in browser.script("return document.activeElement.textContent")
    browser.keys("j", Keys.ENTER)
    browser.until(lambda: first in "".join(browser.texts("#detail h2")), "the second finding is open")
    browser.keys(Keys.ESCAPE)
    assert not browser.find("#detail").is_displayed()
    assert first in browser.script("return document.activeElement.textContent")
    browser.keys("/", "navy")
    assert browser.script("return document.activeElement.value") == "navy"
    browser.keys(Keys.ESCAPE)
    browser.keys("c")
    browser.until(lambda: first in rows(browser), "the filter is cleared")
    browser.keys("?")
    assert browser.find("#help").is_displayed()
    browser.keys(Keys.ESCAPE)
    assert not browser.find("#help").is_displayed()
    assert browser.console() == []


def test_rows_do_not_move_under_the_pointer(pipeline: Pipeline, browser: Browser) -> None:
    first, second = new_sender(), new_sender()
    show_finding(browser, pipeline, first)
    top = browser.all("#rows tr")[0]
    browser.point_at(top)
    pipeline.publish(second)
    browser.until(lambda: browser.find("#news").is_displayed(), "a change waits")
    assert first in browser.all("#rows tr")[0].text
    browser.point_at(browser.find("h1"))
    browser.until(lambda: second in browser.all("#rows tr")[0].text, "it is shown when the pointer has left")
    assert browser.console() == []


def test_it_continues_after_the_server_was_killed(pipeline: Pipeline, browser: Browser) -> None:
    before, meanwhile = new_sender(), new_sender()
    show_finding(browser, pipeline, before)
    pipeline.console.kill()
    browser.until(lambda: "lost" in browser.find("#connection").text, "the page shows that the connection is lost")
    pipeline.publish(meanwhile)
    pipeline.console.start()
    browser.until(lambda: live(browser), "the page is live again", seconds=30)
    browser.until(lambda: meanwhile in rows(browser), "the finding of the meantime is shown")
    assert before in rows(browser)
    assert [line for line in browser.console() if "ERR_" not in line] == []


@pytest.mark.parametrize("which", ["dark_browser", "narrow_browser"])
def test_dark_and_narrow_pages_have_no_serious_problem(
    pipeline: Pipeline, which: str, axe: str, request: pytest.FixtureRequest
) -> None:
    browser: Browser = request.getfixturevalue(which)
    show_finding(browser, pipeline, new_sender())
    assert serious_problems(browser, axe) == []
    browser.all("#rows .open")[0].click()
    browser.find(".steps")
    assert serious_problems(browser, axe) == []
    wide = browser.script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    assert browser.console() == []
