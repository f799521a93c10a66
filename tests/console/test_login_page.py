"""Logging in and out in a real browser."""

from __future__ import annotations

from tests.console.browser import Browser
from tests.console.process import ConsoleProcess
from tests.console.test_access import TOKEN


def test_a_visitor_logs_in_and_out_again(browser: Browser) -> None:
    with ConsoleProcess({"BROKERS": "127.0.0.1:1", "CONSOLE_TOKEN": TOKEN}) as console:
        browser.open(console.address)
        browser.find("#token").send_keys(f"{TOKEN}\n")
        browser.until(lambda: browser.find("#connection").text == "live", "the page is live")
        browser.find('form[action="/logout"] button').click()
        browser.until(lambda: browser.find("#token").is_displayed(), "the login is asked for")
        browser.open(console.address)
        assert browser.find("#token").is_displayed()
        assert [line for line in browser.console() if not line.startswith("DEBUG")] == []
