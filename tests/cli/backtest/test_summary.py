"""The summary of a backtest, for people and as JSON."""

from __future__ import annotations

import sys
from functools import cache

import orjson
import pytest

from streams.backtest.run import Result
from streams.cli.backtest.summary import LEAKS_SHOWN, as_json, day_text, print_summary
from tests.backtest.history import WRONG, events
from tests.backtest.test_run import run

TYPO = 0.5


@cache
def result(count: int = 3_000) -> Result:
    found, _ = run(orjson.dumps(event) for event in events(count, slips=0.05))
    return found


@pytest.fixture
def printed(terminal: None, capfdbinary: pytest.CaptureFixture[bytes]) -> list[str]:
    print_summary(result(), TYPO)
    sys.stdout.flush()
    return capfdbinary.readouterr().out.decode().splitlines()


def test_a_day_is_numbered_from_the_epoch() -> None:
    assert (day_text(0), day_text(20_781)) == ("1970-01-01", "2026-11-24")


def test_the_first_line_has_the_numbers(printed: list[str]) -> None:
    found = result()
    assert printed[0].startswith(f"2025-01-01 to 2025-12-31: {found.scored:,} mail events, ")
    assert f"{found.totals.mails:,} mails to {len(found.totals.domains):,} mistaken domains" in printed[0]


def test_each_leak_has_a_row_and_whether_it_can_be_registered(printed: list[str]) -> None:
    rows = {
        line.split()[0].replace("\N{LOWER ONE EIGHTH BLOCK}", "").replace("_", ""): line for line in printed if line
    }
    assert set(WRONG) <= set(rows)
    assert "no such suffix" in rows["army.mi"]
    assert rows["army.ml"].rstrip().endswith("yes")


def test_findings_by_rule_and_what_another_threshold_would_change(printed: list[str]) -> None:
    rules = {rule for rule, _ in result().findings.findings}
    assert rules <= {line.split()[0] for line in printed if line}
    (current,) = [line for line in printed if "(current)" in line]
    assert current.split()[:2] == [f"{TYPO:.2f}", str(len(result().totals.domains))]


def test_json_has_the_same_and_every_leak() -> None:
    found, data = result(), orjson.loads(orjson.dumps(as_json(result(), TYPO)))
    assert (data["from"], data["to"], data["mail_events"]) == ("2025-01-01", "2025-12-31", found.scored)
    assert {leak["domain"]: leak["mails"] for leak in data["leaks"]} == {
        domain: len(tally.mails) for domain, tally in found.totals.domains.items()
    }
    assert [row["threshold"] for row in data["thresholds"] if row["present"]] == [TYPO]
    assert sum(row["alerts"] for row in data["alerts"]) == sum(found.findings.alerts.values())


def test_more_leaks_than_are_shown_are_counted(
    terminal: None, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.cli.backtest.summary.LEAKS_SHOWN", 2)
    print_summary(result(), TYPO)
    sys.stdout.flush()
    assert f"and {len(result().totals.domains) - 2} more domains" in capfdbinary.readouterr().out.decode()
    assert LEAKS_SHOWN > 2


def test_of_no_mail_there_is_nothing_to_say(terminal: None, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    print_summary(result(0), TYPO)
    sys.stdout.flush()
    assert capfdbinary.readouterr().out == b"No mail was read.\n"
    assert as_json(result(0), TYPO)["from"] is None
