"""Findings that grow while workers end: whatever is published of them must not stay stale."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator
from typing import Any

import orjson

from streams import clock
from tests.faults.harness import Figures, Harness
from tests.faults.stream import records_of
from tests.faults.verify import key_of_alert
from tests.findings.oracle import Key, finals
from tests.pipeline.mail import CORRECT, MISTAKES, expected_hits
from tests.pipeline.worker import wait_until

SENDERS = 15
SETTINGS = {"HISTORY": "false", "FINDINGS_UPDATE_AFTER": "2s", "FINDINGS_SLOW_UPDATE_AFTER": "8s"}
PATIENCE_S = 60
"""For a rebalance after SIGKILL, and the slow updates."""


def stale_counts(harness: Harness) -> Figures:
    """Findings grow while a worker is killed; when mail stops, with every window open, the last alert of each finding
    gets its exact count within seconds, and no alert but the first and those of a higher severity calls anybody."""
    harness.add_workers(2, **SETTINGS)
    sending = harness.send(records_of(_mails(harness), seed=harness.seed, bad=0.0))
    time.sleep(harness.size.seconds * harness.rng.uniform(0.3, 0.7))
    harness.end_worker(harness.any_worker(), signal.SIGKILL)
    harness.add_workers(1, **SETTINGS)
    sending.join()
    harness.wait_committed()
    wanted = {key: count for key, (count, _) in finals(expected_hits(harness.topics.values(_events(harness)))).items()}
    begin = time.monotonic()
    wait_until(lambda: _published(harness) == wanted, seconds=PATIENCE_S, what="each published count is exact")
    seconds = round(time.monotonic() - begin, 1)
    calls = _calls(harness)
    harness.go_on_as_history(**SETTINGS | {"HISTORY": "true"})
    return {"seconds until fresh": seconds, "calls": calls} | harness.finish()


def _events(harness: Harness) -> str:
    return harness.topics.names.events


def _mails(harness: Harness) -> Iterator[dict[str, Any]]:
    """Mail dated when it is sent, so that its windows stay open; one in fifty is a slip."""
    chance = random.Random(harness.seed)
    for number in range(harness.size.records):
        names = list(MISTAKES) if chance.random() < 0.02 else CORRECT
        yield {
            "id": f"e{number}",
            "message_id": f"<{number}@mod.gov.uk>",
            "time": clock.now_ms(),
            "sender": f"desk{chance.randrange(SENDERS)}@mod.gov.uk",
            "recipients": [f"r{number}@{chance.choice(names)}"],
        }


def _alerts(harness: Harness) -> list[dict[str, Any]]:
    return [orjson.loads(value) for value in harness.topics.values(harness.topics.names.alerts)]


def _published(harness: Harness) -> dict[Key, int]:
    """The count of each finding in its newest state, by sequence."""
    newest = sorted(_alerts(harness), key=lambda alert: int(alert["metadata"]["sequence"]))
    return {key_of_alert(alert): alert["count"] for alert in newest}


def _calls(harness: Harness) -> int:
    """The number of alerts that call somebody: at most one for each severity of a finding."""
    calling = {
        (alert["finding_info"]["uid"], alert["severity"]): alert for alert in _alerts(harness) if alert["is_alert"]
    }
    uids = {alert["metadata"]["uid"] for alert in _alerts(harness) if alert["is_alert"]}
    assert len(uids) == len(calling), "an update without news calls somebody"
    return len(calling)
