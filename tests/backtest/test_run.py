"""Backtests give the same as plain loops over the events, whatever the order, the batches and the processes."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
import pytest

from streams.backtest.groups import SenderGroups
from streams.backtest.run import Result, backtest
from streams.backtest.score import ScoringPlan
from streams.domains.watchlist.watchlist import Watchlist
from tests.backtest.history import WRONG, events, plan
from tests.findings.oracle import finals
from tests.pipeline.mail import MISTAKES, expected_hits, mail_events

MADE = [orjson.dumps(event) for event in events(20_000, slips=0.02)]


def batches(values: Iterable[bytes], size: int = 500) -> Iterator[tuple[object, list[bytes]]]:
    values = list(values)
    for at in range(0, len(values), size):
        yield at, values[at : at + size]


def run(values: Iterable[bytes], used: ScoringPlan | None = None, *, jobs: int = 1) -> tuple[Result, list[Any]]:
    """Run a backtest in which every event must be readable; returns its result and every alert."""
    alerts: list[Any] = []

    def unreadable(*arguments: object) -> None:
        raise AssertionError(arguments)

    result = backtest(
        batches(values),
        used or plan(),
        jobs=jobs,
        on_unreadable=unreadable,
        on_alert=lambda value: alerts.append(orjson.loads(value)),
    )
    return result, alerts


def last_states(alerts: Iterable[Any]) -> dict[tuple[str, str, int], tuple[int, str]]:
    found = {}
    for alert in alerts:
        own = alert["unmapped"]["straymail"]
        name = own["sender"] if own["group_by"] == "sender" else own["domains"][0]["domain"]
        found[own["rule"], name, alert["start_time"]] = (alert["count"], alert["severity"].lower(), own["window_state"])
    assert {window for _, _, window in found.values()} <= {"final"}
    return {key: (count, severity) for key, (count, severity, _) in found.items()}


def test_findings_are_the_oracles_in_any_order() -> None:
    """The mails come in several records, repeated, late, and with later statuses."""
    values = [orjson.dumps(event) for event in mail_events(10_000, seed=5, slips=0.02)]
    expected = finals(expected_hits(values))
    used = ScoringPlan(plan().settings, Watchlist({"*.mil": None}, {}, MISTAKES, {}), SenderGroups())
    for order in range(2):
        shuffled = random.Random(order).sample(values, len(values)) if order else values
        _, alerts = run(shuffled, used)
        assert last_states(alerts) == expected


@pytest.mark.parametrize(
    ("statuses", "delivered", "undelivered"),
    [
        (["deferred", "failed"], 0, 1),
        (["failed", "unknown"], 0, 1),
        (["deferred"], 0, 0),
        (["rejected", "delivered"], 1, 0),
    ],
)
def test_a_later_status_of_a_mail_counts_as_in_its_alerts(
    statuses: list[str], delivered: int, undelivered: int
) -> None:
    """Of several statuses the best known one counts, in the summary and in the alert alike."""
    mail = {"time": "2026-03-02T08:00:00Z", "sender": "a@mod.gov.uk", "recipients": ["b@army.ml"], "message_id": "<1>"}
    values = [orjson.dumps({**mail, "id": str(n), "delivery": status}) for n, status in enumerate(statuses)]
    result, alerts = run(
        values, ScoringPlan(plan().settings, Watchlist({"*.mil": None}, {}, MISTAKES, {}), SenderGroups())
    )
    tally = result.totals.domains["army.ml"]
    assert (len(tally.mails), tally.delivered, tally.undelivered) == (1, delivered, undelivered)
    own = alerts[-1]["unmapped"]["straymail"]
    assert (own["delivered_count"], alerts[-1]["severity"] == "Informational") == (delivered, bool(undelivered))


def test_counts_are_those_of_a_plain_loop() -> None:
    result, _ = run(MADE)
    rows = [orjson.loads(value) for value in MADE]
    slips = Counter(to.rpartition("@")[2] for row in rows for to in row["recipients"] if to.rpartition("@")[2] in WRONG)
    assert {domain: len(tally.mails) for domain, tally in result.totals.domains.items()} == slips
    delivered = Counter(
        to.rpartition("@")[2]
        for row in rows
        for to, status in (row.get("delivery") or {}).items()
        if status == "delivered" and to.rpartition("@")[2] in WRONG
    )
    assert {domain: tally.delivered for domain, tally in result.totals.domains.items() if tally.delivered} == delivered
    assert result.scored == len(rows)
    assert sum(result.events_by_group.values()) == len(rows)
    assert sum(result.totals.by_slip.values()) == sum(slips.values()) == result.totals.mails
    assert sum(result.totals.slips_by_day.values()) == sum(slips.values())


@pytest.mark.process
def test_several_processes_find_the_same() -> None:
    _, alone = run(MADE)
    result, together = run(MADE, jobs=2)
    assert together == alone
    assert result.scored == len(MADE)


def test_only_own_mail_is_scored() -> None:
    result, _ = run(MADE, plan(own_domains=("hq.mod.example",)))
    assert set(result.events_by_group) == {"hq.mod.example"}
    assert result.scored + result.not_ours == len(MADE)


def test_unreadable_records_are_reported_with_their_batch() -> None:
    reported: list[tuple[object, ...]] = []
    values = [*MADE[:3], b"no", b'{"id": "1"}']
    result = backtest(batches(values, 2), plan(), jobs=1, on_unreadable=lambda *what: reported.append(what))
    assert [(at, index, reason) for at, index, reason, _ in reported] == [(2, 1, "not-json"), (4, 0, "missing-field")]
    assert result.scored == 3
