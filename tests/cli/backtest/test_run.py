"""`straymail backtest`, run as a command."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from tests.backtest.history import WRONG, events
from tests.cli.conftest import RunCommand
from tests.name_server import NameServer


def test_it_writes_a_summary_a_report_and_alerts(
    history: Path, watchlist: Path, tmp_path: Path, run: RunCommand
) -> None:
    page, alerts = tmp_path / "page.html", tmp_path / "alerts.jsonl"
    arguments = ["--watchlist", str(watchlist), "--report", str(page), "--alerts", str(alerts), "--jobs", "1"]
    done = run("backtest", "jsonl", str(history), *arguments)
    assert done.exit_code == 0
    summary = orjson.loads(done.out)
    assert summary["mail_events"] == 10_000
    assert summary["leaks"][0]["domain"] in WRONG
    assert sum(row["alerts"] for row in summary["alerts"]) == len(alerts.read_bytes().splitlines())
    assert "<h1>Mail to mistyped domains</h1>" in page.read_text()
    assert {path.stat().st_mode & 0o777 for path in (page, alerts)} == {0o600}


def test_it_reports_what_it_could_not_read(tmp_path: Path, watchlist: Path, run: RunCommand) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(b"no\n\n" + b"".join(orjson.dumps(event) + b"\n" for event in events(10)))
    done = run("backtest", "jsonl", str(bad), "--watchlist", str(watchlist), "--jobs", "1")
    assert done.exit_code == 1
    assert f"{bad}:1: not-json: " in done.err
    assert "11 records read" in done.err
    assert done.rows[0]["mail_events"] == 10


def test_an_empty_file(tmp_path: Path, watchlist: Path, run: RunCommand) -> None:
    (tmp_path / "empty.jsonl").touch()
    done = run("backtest", "jsonl", str(tmp_path / "empty.jsonl"), "--watchlist", str(watchlist), "--jobs", "1")
    assert done.exit_code == 0
    assert done.rows[0]["mail_events"] == 0


@pytest.mark.parametrize("own_domains", ["mod.gov.uk", ""])
def test_no_refusal_of_a_stranger_makes_a_finding(
    tmp_path: Path, watchlist: Path, run: RunCommand, monkeypatch: pytest.MonkeyPatch, own_domains: str
) -> None:
    """Anybody may be refused a mail under any sender; a refusal of an own client shows a slip."""
    monkeypatch.setenv("STRAYMAIL_OWN_DOMAINS", own_domains)
    refusal = "554 5.7.1 no; from=<ceo@mod.gov.uk> to=<secrets@army.ml> proto=ESMTP helo=<x>"
    line = f"Nov 24 06:48:{{:02}} mx1 postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[6.6.6.6]: {refusal}\n"
    log, alerts = tmp_path / "mail.log", tmp_path / "alerts.jsonl"
    log.write_text("".join(line.format(number) for number in range(10)))
    arguments = ["--alerts", str(alerts), "--watchlist", str(watchlist), "--jobs", "1"]
    assert run("backtest", "postfix", str(log), *arguments).exit_code == 0
    assert alerts.read_bytes() == b""
    monkeypatch.setenv("STRAYMAIL_OWN_NETWORKS", "6.6.6.0/24")
    assert run("backtest", "postfix", str(log), *arguments).exit_code == 0
    assert b"ceo@mod.gov.uk" in alerts.read_bytes()


def test_dns_says_what_to_register(
    history: Path,
    watchlist: Path,
    tmp_path: Path,
    run: RunCommand,
    monkeypatch: pytest.MonkeyPatch,
    name_server: NameServer,
) -> None:
    monkeypatch.setenv("STRAYMAIL_DNS_ENABLED", "true")
    monkeypatch.setenv("STRAYMAIL_DNS_SERVERS", name_server.address)
    page = tmp_path / "page.html"
    done = run("backtest", "jsonl", str(history), "--watchlist", str(watchlist), "--report", str(page), "--jobs", "1")
    words = {leak["domain"]: leak["dns"] for leak in orjson.loads(done.out)["leaks"]}
    assert words["army.ml"] == "army.ml takes mail at mx1.example.ml, mx2.example.ml"
    assert set(words) <= set(WRONG)
    assert words["army.ml"] in page.read_text()
    assert "nothing was looked up" not in page.read_text()
