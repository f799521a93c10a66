"""Configuration changes under a running pipeline."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Any

import orjson

from streams.events.hit import TypoHit
from tests.faults.harness import Figures, Harness
from tests.faults.stream import records_of
from tests.faults.verify import Expectation
from tests.findings.oracle import DAY_MS, DEFAULT_RULES, OracleRule
from tests.pipeline.mail import WATCHLIST, expected_hits, mail_events
from tests.pipeline.worker import WorkerProcess, wait_until

ALLOWED = "navy.ml"
RELOADS = "straymail_watchlist_reloads_total"
LEVELS = {1: "low", 2: "medium", 4: "critical"}
RULES = [
    {"name": "sender-typo-hits", "group_by": "sender", "window": "24h", "levels": LEVELS},
    {"name": "domain-leak", "group_by": "domain", "count": "senders", "window": "7d", "levels": {2: "low", 5: "high"}},
]
ORACLE_RULES = (
    OracleRule("sender-typo-hits", "sender", "mails", DAY_MS, LEVELS, "certain"),
    OracleRule("domain-leak", "domain", "senders", 7 * DAY_MS, {2: "low", 5: "high"}, "certain"),
)


def changed_watchlist(harness: Harness) -> Figures:
    """The watchlist first becomes invalid and is refused with the reason, then allows a domain, which applies to
    new mail and to existing findings."""
    harness.add_workers(2)
    before, after = _halves(harness)
    harness.send(records_of(before, seed=harness.seed, bad=0.01), count=harness.size.records // 2).join()
    harness.wait_committed()
    harness.take_snapshot()
    harness.watchlist.write_text(WATCHLIST + "allowed: [navy.ml\n")
    _wait_reloaded(harness, "failure")
    for worker in harness.workers:
        assert "the new watchlist is refused and the old one stays in use: " in worker.log
    harness.watchlist.write_text(WATCHLIST + f"allowed: [{ALLOWED}]\n")
    _wait_reloaded(harness, "success")
    marked = (event | {"after": True} for event in after)
    harness.send(records_of(marked, seed=harness.seed + 1, bad=0.01), count=harness.size.records // 2).join()
    expects = Expectation(hits=_hits, counts=lambda hit: hit.domain != ALLOWED, rules=DEFAULT_RULES)
    figures = harness.finish(expects=expects)
    assert figures["withdrawn"], "no finding was withdrawn"
    return figures


def changed_rules(harness: Harness) -> Figures:
    """The rules change while workers run: invalid ones are refused with the reason, new ones take effect worker by
    worker."""
    harness.add_workers(2, FINDINGS_GRACE="30d")
    stream = harness.stream()
    refused = harness.add_worker(FINDINGS_RULES=json.dumps([RULES[0] | {"levels": {1: "high", 2: "low"}}]))
    assert refused.wait(60) == 2
    assert "levels must rise in severity with the number" in refused.log
    harness.workers.remove(refused)
    for old in list(harness.workers):
        harness.add_worker(FINDINGS_RULES=json.dumps(RULES), FINDINGS_GRACE="30d").wait_ready()
        harness.end_worker(old, signal.SIGTERM)
        harness.take_snapshot()
    stream.join()
    return harness.finish(expects=Expectation(rules=ORACLE_RULES))


def _halves(harness: Harness) -> tuple[Iterator[dict[str, Any]], Iterator[dict[str, Any]]]:
    """The events of the stream in two halves, which must be read in order."""
    events = mail_events(harness.size.records, seed=harness.seed)
    return islice(events, harness.size.records // 2), events


def _hits(values: Iterable[bytes]) -> list[TypoHit]:
    """The expected hits: mail to the allowed domain is one only before it was allowed."""
    return [
        hit
        for value in values
        for hit in expected_hits([value])
        if hit.domain != ALLOWED or "after" not in orjson.loads(value)
    ]


def _wait_reloaded(harness: Harness, result: str) -> None:
    def has_reloaded(worker: WorkerProcess) -> bool:
        return worker.metric(RELOADS, result=result) > 0

    for worker in harness.workers:
        wait_until(partial(has_reloaded, worker), seconds=30, what=f"a reload of the watchlist ends with {result}")
