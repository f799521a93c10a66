"""Whatever a stranger writes into a mail: no character of it steers, reorders or hides what a person reads."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from rich.console import Console

from streams.backtest.report import render
from streams.cli.alerts.change_line import change_line
from streams.cli.alerts.csv import write_csv
from streams.cli.backtest.summary import print_summary
from streams.cli.shared.tables import alert_table, hit_table
from streams.config import Settings
from streams.console.query import Filter
from streams.console.sse import events as console_events
from streams.console.store import ConsoleStore
from streams.console.stored_finding import finding_of
from streams.errors import UnreadableRecord
from streams.events.alert import encode_alert
from streams.events.alert_view import AlertView, read_alert
from streams.events.finding import Evidence
from streams.events.hit import TypoHit, encode_hit
from streams.events.mail import decode
from streams.events.mistaken_domain import MistakenDomain
from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.topics.names import TopicNames
from streams.notify.letter import facts_of, read_template
from streams.notify.notifier import recipients_of
from tests.backtest.history import BEGIN_MS, plan
from tests.backtest.test_run import run as run_backtest
from tests.cli.conftest import RunCommand
from tests.cli.finding import finding
from tests.cli.test_terminal import on_a_terminal
from tests.console.samples import hit
from tests.console.serve import Client, serve
from tests.hostile import MARKUP, REORDER, SHOW_NOTHING, STEER, texts, texts_in, unsafe_in

EVERY = "".join((*SHOW_NOTHING, *STEER, *REORDER, *MARKUP))
RAW_DETAILS = {"message_uid": EVERY, "size": 1, "subject": EVERY}
few = hypothesis(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def alert(text: str, **changes: Any) -> bytes:
    """An alert with the text in every field that mail, or somebody who writes to the topics, can fill."""
    domain = MistakenDomain(f"army.ml{text}", f"army.mil{text}", text, text, 0.9, certain=True)
    fields = {
        "sender": f"x{text}@mod.gov.uk".lower(),
        "rule": text,
        "labels": [text],
        "owner": text,
        "runbook_url": text,
        "evidences": [Evidence(text, [f"{text}@army.ml"], text, 1, text)],
        "delivery": {"delivered": 1},
    }
    return encode_alert(finding(domain=domain, **(fields | changes)))


def hit_of(text: str) -> TypoHit:
    """A hit of that alert's finding."""
    own: dict[str, Any] = {"domain": f"army.ml{text}", "intended": f"army.mil{text}", "slip": text, "explanation": text}
    mail: dict[str, Any] = {"message_id": text, "subject": text, "source": text, "labels": [text]}
    return hit("1", sender=f"x{text}@mod.gov.uk".lower(), recipients=[f"{text}@army.ml"], **own, **mail)


def view_of(text: str) -> AlertView:
    return read_alert(alert(text))


def printed(what: object) -> str:
    console = Console(file=io.StringIO(), width=200)
    console.print(what)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would compute the cell."""
    start = unicodedata.normalize("NFKC", cell).lstrip(' "')
    return start.startswith(("=", "+", "-", "@", "\u2212")) and not re.fullmatch(r"[+-][0-9]+(\.[0-9]+)?", cell)


@few
@given(texts)
def test_csv(text: str) -> None:
    file = io.BytesIO()
    write_csv([view_of(text)], file)
    written = file.getvalue().decode()
    assert unsafe_in(written, "\r\n") == set()
    (row,) = csv.reader(io.StringIO(written.split("\r\n", 1)[1], newline=""))
    assert written.count("\r\n") == 2
    assert [cell for cell in row if is_formula(cell)] == []
    for separator in (";", "\t"):
        split = csv.reader(io.StringIO(written, newline=""), delimiter=separator)
        assert [cell for line in split for cell in line if is_formula(cell)] == []


@few
@given(texts)
def test_tables(text: str) -> None:
    view, wide = view_of(text), Console(width=200)
    for what in (alert_table([view], wide), change_line(view, wide), hit_table([hit_of(text)], wide)):
        assert unsafe_in(printed(what), "\n") == set()


@few
@given(texts)
def test_letters(text: str) -> None:
    value = alert(text)
    letter = read_template(None).fill(facts_of(read_alert(value), list(recipients_of(value)), "us"))
    assert unsafe_in(letter.subject + letter.text, "\n") == set()


@few
@given(texts)
def test_texts_of_alerts_isolate_what_is_written_from_right_to_left_and_have_nothing_else(text: str) -> None:
    view = view_of(text)
    for shown in (view.title, view.description):
        assert unsafe_in(shown, "\u2068\u2069") == set()
        assert shown.count("\u2068") == shown.count("\u2069")


@few
@given(texts)
def test_the_console(text: str) -> None:
    async def test(client: Client, store: ConsoleStore) -> None:
        other = alert(text, uid="b2" * 16, group_by="domain", counts="senders", sender=None)
        for value in (alert(text), other):
            store.findings.put(finding_of(value))
        store.hits.put(hit_of(text), encode_hit(hit_of(text)))
        store.activity.count(hit_of(text))
        shown = [await json_of(client, "/api/findings"), await json_of(client, "/api/overview")]
        shown += [await json_of(client, f"/api/findings/{uid}") for uid in ("a1" * 16, "b2" * 16)]
        assert len(shown[2]["mails"]) == len(shown[2]["evidences"]) == 1
        for answer in shown:
            steps = answer.pop("advice", [])
            assert unsafe_in("".join(texts_in(answer))) == set()
            assert unsafe_in("".join(texts_in(steps)), "\n") == set()
        stream = console_events(store, Filter(), "last", "", f"{store.epoch}-0")
        changes = [await anext(stream) for _ in range(3)][2]
        assert unsafe_in("".join(texts_in(orjson.loads(changes.decode().split("data: ")[1])))) == set()
        sender = next(row["sender"] for row in shown[0]["findings"] if row["sender"])
        assert (await json_of(client, "/api/findings", {"sender": sender[:300]}))["total"] == 1

    serve(test)


async def json_of(client: Client, path: str, query: dict[str, str] | None = None) -> Any:
    async with client.get(path, params=query) as answer:
        assert answer.status == 200
        return orjson.loads(await answer.read())


def test_backtests(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    values = list(filter(is_readable, mails()))
    result = run_backtest(values, plan())[0]
    assert result.totals.mails > 50
    page = render(result, plan(), title="Title", made_ms=BEGIN_MS)
    assert unsafe_in(page, "\n") == set()
    assert "n\u0430to.int" in page
    print_summary(result, 0.5)
    shown = capsys.readouterr().out
    assert unsafe_in(shown, "\n") == set()
    assert "nato.int" in shown


def mails() -> Iterator[bytes]:
    """A mail event for each hostile text and each of some mistaken domains, with the text in every field."""
    domains = ("army.ml", "nav\u0443.mil", "xn--nto-6cd.int", "army\u3164.mil")
    for number, (text, domain) in enumerate(product((*SHOW_NOTHING, *REORDER, *MARKUP, EVERY), domains)):
        mail = {"id": f"e{number}", "time": BEGIN_MS + number, "message_id": text, "subject": text, "source": text}
        own = {"sender": f"{text}@hq.mod.example", "recipients": [f"{text}@{domain}"], "labels": [text]}
        yield orjson.dumps(mail | own)


def is_readable(value: bytes) -> bool:
    try:
        decode(value, now_ms=None)
    except UnreadableRecord:
        return False
    return True


@pytest.fixture
def published(pipeline: Settings, names: TopicNames) -> Settings:
    """A pipeline with one hostile finding and its mail."""
    for topic, value in ((names.alerts, alert(EVERY)), (names.typo_hits, encode_hit(hit_of(EVERY)))):
        with SyncProducer(pipeline, topic) as producer:
            producer.send(value)
    return pipeline


def test_commands_whose_output_is_read_by_programs(published: Settings, run: RunCommand) -> None:
    table = run("alerts", "--format", "csv")
    assert table.exit_code == 0
    assert unsafe_in(table.out.decode(), "\r\n") == set()
    assert "\\u{202e}" in table.out.decode()
    raw = run("alerts", "--json").rows[0]["evidences"]
    assert raw == [{"data": {"from_mailbox": EVERY, "to_mailboxes": [f"{EVERY}@army.ml"]} | RAW_DETAILS}]
    assert run("hits", "--json").rows[0]["subject"] == EVERY


@pytest.mark.process
@pytest.mark.parametrize(
    "command", [("alerts",), ("alerts", "--json"), ("alerts", "--format", "csv"), ("hits",), ("hits", "--json")]
)
def test_commands_on_a_terminal(published: Settings, command: tuple[str, ...]) -> None:
    shown = without_style(on_a_terminal(*command, columns=200))
    assert "army" in shown
    assert unsafe_in(shown, "\r\n") == set()


@pytest.mark.process
def test_json_of_other_commands_on_a_terminal(tmp_path: Path) -> None:
    events, watchlist = tmp_path / "mail.jsonl", tmp_path / "watchlist.txt"
    events.write_bytes(next(mails()) + b"\n")
    watchlist.write_text("army.mil\n")
    for command in (
        ("import", "jsonl", "--dry-run", str(events)),
        ("score", "--watchlist", str(watchlist), "arm\u202ey.mil", "\U000e0100.\x9b\x7f"),
    ):
        assert unsafe_in(without_style(on_a_terminal(*command)), "\r\n") == set()


def without_style(shown: str) -> str:
    """Without the sequences that colours and a progress bar need."""
    return re.sub(r"\x1b\[(?:[0-9;]*m|\?25[lh]|1A|2K)", "", shown)
