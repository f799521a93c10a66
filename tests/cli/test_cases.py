"""Each file of `tests/cases/`, read by the command that it is for: every mail, by its sender, with its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.cli.conftest import RunCommand

CASES = Path(__file__).parents[1] / "cases"

Ends = dict[str, str]
"""The last delivery status of each recipient."""


@dataclass(frozen=True)
class Read:
    """What `straymail import` finds in a file: its mails with their senders; problems; what it says it skipped."""

    source: str
    file: str
    mails: Sequence[tuple[str, Ends]]
    problems: Sequence[str] = ()
    skipped: str | None = None
    times: Sequence[int] | None = None


@dataclass(frozen=True)
class Leaked:
    """What `straymail backtest` counts in a file: mails to mistaken domains, of them delivered, and their senders."""

    source: str
    file: str
    mails: int
    delivered: int = 0
    undelivered: int = 0
    senders: int = 1


DESK = "desk@mod.gov.uk"
TO_BOB = ((DESK, {"bob@army.ml": "delivered"}),)
AT_8_MS = 1_774_166_400_000

READ = [
    Read("eml", "eml-from-name-is-address.eml", [(DESK, {"bob@army.ml": "unknown"})]),
    Read("eml", "eml-to-name-is-address.eml", [(DESK, {"j.smith@army.ml": "unknown"})]),
    Read("eml", "eml-source-route.eml", [(DESK, {"bob@army.ml": "unknown"})]),
    Read("eml", "eml-date-minus-zero.eml", [(DESK, {"bob@army.ml": "unknown"})], times=[AT_8_MS]),
    Read(
        "postfix",
        "postfix-local-sender-last.log",
        [(DESK, {"bob@navy.ml": "delivered"})],
        problems=["postfix-local-sender-last.log:2: bad-address"],
    ),
    Read(
        "exim",
        "exim-quoted-sender.log",
        [('"front desk"@mod.gov.uk', TO_BOB[0][1]), (DESK, {"bob@navy.ml": "delivered"})],
    ),
    Read("postfix", "postfix-discard.log", [(DESK, {"bob@army.ml": "failed"})]),
    Read("exim", "exim-blackhole.log", [(DESK, {"bob@army.ml": "failed"})]),
    Read("postfix", "postfix-postscreen.log", [(DESK, {"bob@army.ml": "rejected"})]),
    Read("postfix", "postfix-no-sender.log", [], skipped="whose sender or recipients are not in the log (1)"),
    Read(
        "exim",
        "exim-refused-unbracketed.log",
        [(DESK, {"bob@army.ml": "rejected"}), (DESK, {'"bob smith"@army.ml': "rejected"})],
    ),
    Read("postfix", "postfix-probe-not-cached.log", []),
    Read("suricata", "suricata-abandoned.json", [(DESK, {"al@army.mil": "unknown"})]),
    Read("postfix", "postfix-rfc5424.log", TO_BOB, times=[AT_8_MS + 1_123]),
    Read("postfix", "postfix-journal.json", TO_BOB, times=[AT_8_MS + 1_123]),
    Read("postfix", "postfix-docker-in-syslog.log", TO_BOB, times=[AT_8_MS + 1_000]),
    Read("exim", "exim-syslog-no-time.log", TO_BOB, times=[AT_8_MS + 1_000]),
    Read("exim", "exim-autoreply.log", [("al@example.org", {DESK: "delivered"})]),
    Read("m365", "m365-sendexternal.csv", TO_BOB),
    Read("google", "google-rcpt-response.json", [(DESK, {"bob@army.ml": "failed", "al@navy.mil": "delivered"})]),
    Read("m365", "m365-utf16-no-mark.csv", TO_BOB),
    Read("zeek", "zeek-latin1.log", TO_BOB),
    Read("exchange", "exchange-tracking.log", [*TO_BOB, (DESK, {"bob@navy.ml": "failed"})]),
    Read("defender", "defender-email-events.json", TO_BOB),
    Read("google", "google-reports-api.json", TO_BOB),
    Read("sendmail", "sendmail.log", TO_BOB),
]
LEAKED = [
    Leaked("jsonl", "event-angle-brackets.jsonl", 1, delivered=1),
    Leaked("jsonl", "event-batv.jsonl", 3, delivered=3),
    Leaked("postfix", "postfix-filter-other-host-bounced.log", 1, undelivered=1),
    Leaked("postfix", "postfix-amavis-then-bounced.log", 1, undelivered=1),
    Leaked("postfix", "postfix-empty-message-id.log", 1, delivered=1),
    Leaked("postfix", "postfix-amavis-no-message-id.log", 1, delivered=1),
    Leaked("postfix", "postfix-mailscanner-requeue.log", 1, delivered=1),
    Leaked("postfix", "postfix-refused-for-now.log", 1, undelivered=1),
]


def mails_in(rows: Sequence[dict[str, Any]]) -> list[tuple[str, Ends]]:
    """The mails of some events; what is reported last of a mail counts."""
    found: dict[str, tuple[str, Ends]] = {}
    for row in rows:
        _, ends = found.setdefault(row.get("message_id") or row["id"], (row["sender"], {}))
        delivery = row.get("delivery") or "unknown"
        ends.update(delivery if isinstance(delivery, dict) else dict.fromkeys(row["recipients"], delivery))
    return list(found.values())


@pytest.fixture(autouse=True)
def in_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are named as they stand in their folder; an offset of `-0000` is read in UTC, wherever this machine is."""
    monkeypatch.chdir(CASES)
    monkeypatch.setenv("TZ", "America/New_York")


@pytest.mark.parametrize("case", READ, ids=lambda case: case.file)
def test_what_is_read(case: Read, run: RunCommand) -> None:
    done = run("import", case.source, "--dry-run", "--year", "2026", "--timezone", "UTC", case.file)
    problems = [line.removeprefix("straymail: ") for line in done.err.splitlines() if line.startswith("straymail: ")]
    assert sorted(mails_in(done.rows), key=str) == sorted(case.mails, key=str)
    assert [": ".join(problem.split(": ")[:2]) for problem in problems] == list(case.problems)
    assert done.exit_code == (1 if case.problems else 0)
    assert case.skipped is None or f"skipped: mails {case.skipped}" in done.err
    assert case.times is None or [row["time"] for row in done.rows] == case.times


@pytest.mark.parametrize("case", LEAKED, ids=lambda case: case.file)
def test_what_is_counted(case: Leaked, run: RunCommand) -> None:
    options = ["--jobs", "1", "--watchlist", "watchlist.yaml", "--year", "2026", "--timezone", "UTC"]
    done = run("backtest", case.source, "--json", *options, case.file)
    counted = orjson.loads(done.out)
    (leak,) = counted["leaks"]
    assert counted["mails_to_mistaken_domains"] == case.mails
    assert (leak["mails"], leak["delivered"], leak["undelivered"], leak["senders"]) == (
        case.mails,
        case.delivered,
        case.undelivered,
        case.senders,
    )


def test_every_case_is_in_a_table() -> None:
    named = {case.file for case in READ} | {case.file for case in LEAKED}
    assert named == {path.name for path in CASES.iterdir()} - {"README.md", "watchlist.yaml"}
