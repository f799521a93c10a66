"""Makes the pictures of docs/console.md: the console on the sample mail. `python -m tests.console.screenshots`."""

from __future__ import annotations

from pathlib import Path

import orjson

from streams.clock import now_ms
from streams.config import Settings, load_settings
from streams.data.samples import sample_events
from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.embedded import EmbeddedBroker
from streams.kafka.topics.names import topic_names, wanted_topics
from tests.console.browser import Browser
from tests.console.process import ConsoleProcess
from tests.pipeline.worker import WorkerProcess, wait_until

FOLDER = Path(__file__).parents[2] / "docs" / "images"
OPENED = "jhc-movements@mod.gov.uk"
FEWEST = 60
"""Findings of the sample mail to wait for; there are a few more."""


def main() -> None:
    """Start a whole pipeline, take the pictures, and stop it again."""
    settings = load_settings()
    with EmbeddedBroker() as broker:
        broker.create_topics({topic.name: topic.partitions for topic in wanted_topics(settings)})
        own = {"BROKERS": broker.bootstrap, "TOPICS_CREATE": "false", "PRIVACY_KEY": "of these pictures"}
        with WorkerProcess(own) as worker, ConsoleProcess(own) as console:
            worker.wait_ready()
            _publish(load_settings(overrides={"brokers": broker.bootstrap}))
            wait_until(lambda: console.get("/api/overview")[1]["findings"] >= FEWEST, seconds=60, what="the findings")
            _take(console.address)


def _publish(settings: Settings) -> None:
    with SyncProducer(settings, topic_names(settings).events) as sender:
        for event in sample_events(now_ms()):
            sender.send(orjson.dumps(event))


def _take(address: str) -> None:
    for name, width, height, dark in (("light", 1280, 800, False), ("dark", 1280, 800, True)):
        with Browser(width, height, dark=dark) as browser:
            _open(browser, address)
            if dark:
                next(button for button in browser.all("#rows .open") if button.text == OPENED).click()
                browser.find(".steps")
                browser.script(
                    "document.activeElement.blur(); scrollTo(0, document.querySelector('.columns').offsetTop)"
                )
            browser.screenshot(FOLDER / f"console-{name}.png")
    with Browser(400, 800) as browser:
        _open(browser, address)
        browser.screenshot(FOLDER / "console-narrow.png")


def _open(browser: Browser, address: str) -> None:
    browser.open(f"{address}?severity=low")
    browser.find("#strip .chart")
    browser.until(lambda: browser.find("#connection").text == "live", "the page is live")


if __name__ == "__main__":
    main()
