"""One mail event that anybody may have caused neither stops a worker, nor fills it, nor passes it unseen."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson

from tests.pipeline.conftest import NewWorker
from tests.pipeline.topics import Topics
from tests.pipeline.worker import WorkerProcess, wait_until

LIVE_SECONDS = 2.0
POISON_SECONDS, FLOOD_SECONDS = 15.0, 60.0
FLOOD_KB = 400 * 1024
LIGATURE = "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}"
"""UTS 46 maps it to eighteen characters."""


def mail(number: str, *recipients: str, **fields: Any) -> bytes:
    event = {"id": number, "time": int(time.time() * 1000), "sender": "desk7@mod.gov.uk", "recipients": recipients}
    return orjson.dumps(event | fields)


def send(topics: Topics, *values: bytes) -> None:
    topics.send(topics.names.events, iter([("k", value) for value in values]))


def senders_alerted(topics: Topics) -> set[str]:
    alerts = map(orjson.loads, topics.values(topics.names.alerts))
    return {
        alert["unmapped"]["straymail"]["sender"] for alert in alerts if alert["unmapped"]["straymail"].get("sender")
    }


@contextmanager
def watched(worker: WorkerProcess) -> Iterator[list[float]]:
    """The seconds that each answer of /health/live took while the block lasts."""
    took: list[float] = []
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            begin = time.monotonic()
            status, text = worker.get("/health/live")
            assert status == 200, text
            took.append(time.monotonic() - begin)
            over.wait(0.1)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield took
    finally:
        over.set()
        thread.join()


def goes_on(topics: Topics, worker: WorkerProcess, hostile: list[bytes], seconds: float) -> None:
    """After hostile events an ordinary one leads to its alert, and nothing else has happened meanwhile."""
    worker.wait_ready()
    rebalances = worker.metric("straymail_rebalances_total")
    with watched(worker) as took:
        send(topics, *hostile, mail("ordinary", "jo@army.ml", sender="kim@mod.gov.uk"))
        wait_until(
            lambda: "kim@mod.gov.uk" in senders_alerted(topics), seconds=seconds, what="the ordinary mail's alert"
        )
    assert max(took) < LIVE_SECONDS
    assert worker.metric("straymail_rebalances_total") == rebalances


def test_domains_that_are_expensive_to_read(pipeline: Topics, new_worker: NewWorker) -> None:
    domains = ("".join(chr(0x4E00 + number + 150 * at) + LIGATURE for at in range(126)) for number in range(150))
    poison = mail("poison", *(f"a@{domain}.ml" for domain in domains))
    worker = new_worker()
    goes_on(pipeline, worker, [poison], POISON_SECONDS)
    assert worker.metric("straymail_recipients_not_domains_total") == 150
    assert worker.metric("straymail_events_total", outcome="not-a-domain") == 1


def test_events_of_ten_thousand_mistaken_domains(pipeline: Topics, new_worker: NewWorker) -> None:
    flood = [
        mail(f"flood{event}", *(f"a@d{event}x{number}.unit{number % 97}.army.ml" for number in range(10_000)))
        for event in range(25)
    ]
    worker = new_worker()
    goes_on(pipeline, worker, flood, FLOOD_SECONDS)
    assert worker.peak_kb < FLOOD_KB
    assert worker.metric("straymail_domains_over_limit_total") == 25 * 9_900
    states = [orjson.loads(value) for value in pipeline.values(pipeline.names.alerts)]
    own = [state["unmapped"]["straymail"] for state in states if state["finding_info"]["title"].startswith("desk7@")]
    assert own[-1]["count_is_minimum"]


def test_addresses_with_something_around_them(pipeline: Topics, new_worker: NewWorker) -> None:
    worker = new_worker()
    worker.wait_ready()
    send(
        pipeline,
        mail("1", "<bob@army.ml>", sender="one@mod.gov.uk"),
        mail("2", "Bob <bob@army.ml>", sender="Two <two@mod.gov.uk>"),
        mail("3", '"Smith, Bob" <bob@army.ml> (at work)', sender="three@mod.gov.uk"),
        mail("4", "jo@army.mil, bob@army.ml", sender="four@mod.gov.uk"),
        mail("5", "bob@[192.0.2.1]", sender="five@mod.gov.uk"),
    )
    expected = {f"{name}@mod.gov.uk" for name in ("one", "two", "three", "four")}
    wait_until(lambda: senders_alerted(pipeline) == expected, seconds=30, what="an alert for each of them")
    assert worker.metric("straymail_events_total", outcome="scored") == 4
    assert worker.metric("straymail_events_total", outcome="not-a-domain") == 1
