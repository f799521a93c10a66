"""What is configured changes under a pipeline that runs."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Any

import orjson

from streams.events.hit import TypoHit
from tests.faults.ground import Figures, Ground
from tests.faults.judge import Expectation
from tests.faults.stream import made
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
AS_JUDGED = (
    OracleRule("sender-typo-hits", "sender", "mails", DAY_MS, LEVELS, "certain"),
    OracleRule("domain-leak", "domain", "senders", 7 * DAY_MS, {2: "low", 5: "high"}, "certain"),
)


def changed_watchlist(ground: Ground) -> Figures:
    """The watchlist first becomes invalid and is refused with the reason, then allows a domain, which applies to
    new mail and to existing findings."""
    ground.add_workers(2)
    before, after = _halves(ground)
    ground.send(made(before, seed=ground.seed, bad=0.01), count=ground.size.records // 2).join()
    ground.wait_committed()
    ground.look()
    ground.watchlist.write_text(WATCHLIST + "allowed: [navy.ml\n")
    _wait_reloaded(ground, "failure")
    for worker in ground.workers:
        assert "the new watchlist is refused and the old one stays in use: " in worker.log
    ground.watchlist.write_text(WATCHLIST + f"allowed: [{ALLOWED}]\n")
    _wait_reloaded(ground, "success")
    marked = (event | {"after": True} for event in after)
    ground.send(made(marked, seed=ground.seed + 1, bad=0.01), count=ground.size.records // 2).join()
    expects = Expectation(hits=_hits, counts=lambda hit: hit.domain != ALLOWED, rules=DEFAULT_RULES)
    figures = ground.finish(expects=expects)
    assert figures["withdrawn"], "no finding was withdrawn"
    return figures


def changed_rules(ground: Ground) -> Figures:
    """The rules change while workers run: invalid ones are refused with the reason, new ones take effect worker by
    worker."""
    ground.add_workers(2, FINDINGS_GRACE="30d")
    stream = ground.stream()
    refused = ground.add_worker(FINDINGS_RULES=json.dumps([RULES[0] | {"levels": {1: "high", 2: "low"}}]))
    assert refused.wait(60) == 2
    assert "levels must rise in severity with the number" in refused.log
    ground.workers.remove(refused)
    for old in list(ground.workers):
        ground.add_worker(FINDINGS_RULES=json.dumps(RULES), FINDINGS_GRACE="30d").wait_ready()
        ground.end_worker(old, signal.SIGTERM)
        ground.look()
    stream.join()
    return ground.finish(expects=Expectation(rules=AS_JUDGED))


def _halves(ground: Ground) -> tuple[Iterator[dict[str, Any]], Iterator[dict[str, Any]]]:
    """The stream's events, in two parts to be read one after the other."""
    events = mail_events(ground.size.records, seed=ground.seed)
    return islice(events, ground.size.records // 2), events


def _hits(values: Iterable[bytes]) -> list[TypoHit]:
    """Mail to the domain that became allowed was a slip before."""
    return [
        hit
        for value in values
        for hit in expected_hits([value])
        if hit.domain != ALLOWED or "after" not in orjson.loads(value)
    ]


def _wait_reloaded(ground: Ground, result: str) -> None:
    def is_told(worker: WorkerProcess) -> bool:
        return worker.metric(RELOADS, result=result) > 0

    for worker in ground.workers:
        wait_until(partial(is_told, worker), seconds=30, what=f"a reload of the watchlist ends with {result}")
