"""Backtests give the same as plain loops over the events, whatever the order, the batches and the processes."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from streams.backtest.groups import NO_DOMAIN, SenderGroups, read_groups, shown
from streams.backtest.registration import ranked, registration
from streams.backtest.run import Result, backtest
from streams.backtest.score import ScoringPlan
from streams.backtest.sorted_hits import SortedHits
from streams.backtest.what_if import at_thresholds, if_allowed
from streams.domains.watchlist.watchlist import Allowed, Watchlist
from streams.errors import UsageError
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
    assert sum(result.totals.by_slip.values()) == sum(slips.values()) == result.mails_to_mistakes
    assert sum(result.totals.slips_by_day.values()) == sum(slips.values())


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


@pytest.mark.parametrize("in_memory", [1, 7, 10_000])
def test_hits_are_sorted_in_bounded_memory(in_memory: int) -> None:
    hits = [(random.Random(n).randrange(10**12, 10**13), b"hit %d" % n) for n in range(500)]
    with SortedHits(in_memory) as taken:
        for at in range(0, len(hits), 5):
            taken.add(hits[at : at + 5])
        assert list(taken) == sorted(hits)


def test_leaks_are_ranked_by_what_was_delivered() -> None:
    result, _ = run(MADE)
    leaks = ranked(result.totals.domains.values())
    assert [leak.tally.delivered for leak in leaks] == sorted((leak.tally.delivered for leak in leaks), reverse=True)
    advice = {leak.tally.domain: leak.advice for leak in leaks}
    assert advice["army.ml"].startswith("Block it at the gateway now")
    assert "can't receive mail" in advice["nato.imt"]


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("army.ml", ("army.ml", "open")),
        ("mail.us.af.ml", ("af.ml", "open")),
        ("army.mi", ("army.mi", "none")),
        ("army.mil.com", ("mil.com", "open")),
        ("arny.mil", ("arny.mil", "restricted")),
        ("mod.gov.uk", ("mod.gov.uk", "restricted")),
        ("mod.co.uk", ("mod.co.uk", "open")),
    ],
)
def test_registration_is_judged_by_the_suffix(domain: str, expected: tuple[str, str]) -> None:
    assert registration(domain) == expected


def test_the_predicted_effect_of_a_threshold_is_the_real_one() -> None:
    result, _ = run(MADE)
    for row in at_thresholds(result.totals, 0.5):
        again, _ = run(MADE, plan(scorer={"typo": row.threshold, "certain": 0.95}))
        assert (len(again.totals.domains), again.mails_to_mistakes) == (row.domains, row.mails), row


def test_the_predicted_effect_of_an_allow_entry_is_the_real_one() -> None:
    result, alerts = run(MADE)
    used = plan()
    for row in if_allowed(result.totals, 3):
        allowed = {row.domain: Allowed(row.domain)}
        watchlist = Watchlist(used.watchlist.watched, allowed, used.watchlist.mistakes, {})
        again, fewer = run(MADE, ScoringPlan(used.settings, watchlist, used.groups))
        assert again.mails_to_mistakes == result.mails_to_mistakes - row.mails
        assert len(last_states(fewer)) == len(last_states(alerts)) - row.findings


def test_groups_of_senders(tmp_path: Path) -> None:
    path = tmp_path / "groups.csv"
    path.write_text("mod.example,The rest\nhq.mod.example,Headquarters\nsmith1@hq.mod.example, Smith \n")
    groups = read_groups(path)
    assert groups.of("Smith1@HQ.mod.example") == "Smith"
    assert groups.of("smith2@hq.mod.example") == "Headquarters"
    assert groups.of("a@army.mod.example") == "The rest"
    assert groups.of("a@elsewhere.example") == "elsewhere.example"
    assert shown("Smith", groups) == "Smith"
    assert shown("bücher.example", groups) == "xn--bcher-kva.example"
    assert shown("<script>", SenderGroups()) == NO_DOMAIN
    path.write_text("mod.example\n")
    with pytest.raises(UsageError, match="line 1: write an address or a domain"):
        read_groups(path)
    with pytest.raises(UsageError, match="can't read the groups"):
        read_groups(tmp_path / "none")
