"""Exim's main log, on what a real Exim 4.96 wrote (tests/sources/make_samples.py), and on what it can't show."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import UnreadableRecord
from streams.sources.exim import Exim
from tests.sources.read_log import SAMPLES, by_message_id, read

SAMPLE = SAMPLES / "exim" / "mainlog"


def test_the_sample() -> None:
    events, problems, _ = read("exim", [SAMPLE])
    by_id = {
        mail: rest for mail, rest in by_message_id([e for e in events if e.message_id]).items() if "mod.example" in mail
    }
    assert by_id == {
        "<1@mod.example>": ("desk1@mod.example", ["bob@army.ml"], "delivered"),
        "<2@mod.example>": (
            "desk2@mod.example",
            ["a@army.mil", "b@navy.ml", "c@af.ml"],
            {"a@army.mil": "delivered", "b@navy.ml": "delivered", "c@af.ml": "deferred"},
        ),
        "<4@mod.example>": ("desk3@mod.example", ["b@army.mil"], "delivered"),
        "<5@mod.example>": ("desk4@mod.example", ["liaison@army.mil", "liaison@army.ml"], "delivered"),
        "<7@mod.example>": ("", ["desk1@mod.example"], "delivered"),
        "<8@mod.example>": ("desk7@mod.example", ["editor@gone.ml"], "failed"),
    }
    assert [e.delivery for e in events if e.recipients == ["a@nowhere.ml"]] == ["rejected", "rejected"]
    assert [e.subject for e in events if e.message_id == "<2@mod.example>"] == ["Grüße aus Köln"]
    assert [e.message_id for e in events if e.recipients == ["none@army.ml"]] == [
        f"<{exim_id_of('none@army.ml')}@exim>"
    ]
    assert problems == []


def exim_id_of(address: str) -> str:
    return next(line.split()[2] for line in SAMPLE.read_text().splitlines() if line.endswith(f"for {address}"))


@pytest.mark.parametrize(
    ("delivery", "recipients"),
    [
        ("=> bob <bob@army.ml> R=local_user T=local_delivery", ["bob@army.ml"]),
        ("=> /var/mail/bob <bob@army.ml> R=local_user T=file", ["bob@army.ml"]),
        ('=> bob@army.ml <team@mod.example> R=dnslookup T=remote_smtp H=x [10.0.0.1] C="250 ok"', ["bob@army.ml"]),
        (">> bob@army.ml R=cutthrough T=remote_smtp", ["bob@army.ml"]),
        ("=> bob@ARMY.ml F=<desk@mod.example> P=<desk@mod.example> R=dnslookup T=remote_smtp", ["bob@army.ml"]),
        ("=> root R=local_user T=local_delivery", []),
    ],
)
@pytest.mark.parametrize("stamp", ["2026-11-24 07:38:52", "2026-11-24 07:38:52.123 +0000 [4711]"])
def test_deliveries(tmp_path: Path, stamp: str, delivery: str, recipients: list[str]) -> None:
    path = tmp_path / "mainlog"
    rest = (f'<= desk@mod.example H=x [10.0.0.1] P=esmtp S=461 id=a@x T="a id=b \\" S=7" for {"a" * 9}', delivery)
    path.write_text("".join(f"{stamp} 1xVl76-0003zm-1H {text}\n" for text in (*rest, "Completed")))
    events, problems, _ = read("exim", [path])
    assert [address for event in events for address in event.recipients] == recipients
    assert all((event.message_id, event.size, event.subject) == ("<a@x>", 461, 'a id=b " S=7') for event in events)
    assert problems == []


@pytest.mark.fuzz
@given(st.binary(max_size=200), st.integers(0, 35), st.integers(0, 200))
def test_any_bytes_are_read_or_refused(noise: bytes, number: int, at: int) -> None:
    line = SAMPLE.read_bytes().splitlines()[number]
    source = Exim()
    for record in (noise, line[:at] + noise + line[at:], line[:at]):
        with suppress(UnreadableRecord):
            list(source.read(record))
    assert all(event.source == "exim" for event in source.finish())


A = "2026-03-22 08:00:01 1rnZxA-0000Ab-1X"
ARRIVED = f"{A} <= desk@mod.example H=x [10.0.0.1] P=esmtp S=461 id=a@x"


@pytest.mark.parametrize(
    "thrown_away", ["=> blackhole (DATA ACL discarded recipients)", "=> discarded (system filter)"]
)
def test_a_mail_that_is_thrown_away_whole(tmp_path: Path, thrown_away: str) -> None:
    path = tmp_path / "mainlog"
    path.write_text(f'{ARRIVED} T="for a@x" for bob@army.ml al@navy.ml\n{A} {thrown_away}\n{A} Completed\n')
    ((event,), problems, _) = read("exim", [path])
    assert (event.recipients, event.delivery, event.direction) == (["al@navy.ml", "bob@army.ml"], "failed", None)
    path.write_text(f"{ARRIVED}\n{A} {thrown_away}\n{A} Completed\n")
    assert (read("exim", [path])[:2], problems) == (([], []), [])


@pytest.mark.parametrize(
    ("lines", "skipped"),
    [
        ([f"{A} => bob@army.ml R=out T=smtp"], {"mails whose sender or recipients are not in the log": 1}),
        ([ARRIVED], {"mails whose sender or recipients are not in the log": 1}),
        (
            ["2026-03-22 08:00:01 H=x [10.0.0.1] rejected MAIL <desk@mod.example>: no"],
            {"refusals before sender and recipient were named": 1},
        ),
        (
            ["2026-03-22 08:00:01 H=x [10.0.0.1] F=<desk@mod.example> rejected after DATA: spam"],
            {"refusals before sender and recipient were named": 1},
        ),
    ],
)
def test_what_gives_no_event_is_counted_by_name(lines: list[str], skipped: dict[str, int]) -> None:
    source = Exim()
    assert [event for line in lines for event in source.read(line.encode())] + list(source.finish()) == []
    assert source.skipped == skipped


def test_a_mail_that_an_own_client_is_refused_for_now_is_one(tmp_path: Path) -> None:
    path = tmp_path / "mainlog"
    refused = "H=app [127.0.0.1] F=<app@mod.example> temporarily rejected RCPT <bob@army.nil>: no"
    path.write_text("".join(f"2026-03-22 08:{minute:02}:01 {refused}\n" for minute in range(0, 60, 10)))
    events, problems, _ = read("exim", [path])
    assert ([event.recipients for event in events], problems) == ([["bob@army.nil"]], [])


def test_a_sender_that_is_no_address_is_a_problem_of_its_line(tmp_path: Path) -> None:
    path = tmp_path / "mainlog"
    bad = [
        line.replace("1rnZxA", "1rnZxB")
        for line in (ARRIVED.replace("desk@mod.example", "system"), f"{A} => c@d.e R=x")
    ]
    path.write_text("\n".join([*bad, ARRIVED, f"{A} => bob@army.ml R=out T=smtp"]))
    events, problems, _ = read("exim", [path])
    assert [event.recipients for event in events] == [["bob@army.ml"]]
    assert [(problem.number, problem.reason) for problem in problems] == [(1, "bad-address")]


@pytest.mark.parametrize(
    ("logged", "subject"),
    [
        (r"Where?\n  And when?", "Where? And when?"),
        (r"Gr\303\274\n =?utf-8?b?ZGUgZsO8ciBL", "Grü"),
        (r"a\\n \"b\"\tc =?x", 'a\\n "b"\tc'),
        (r"a =? b", "a =? b"),
        (r"=?utf-8?b?", None),
    ],
)
def test_a_subject_on_several_lines_or_cut(logged: str, subject: str | None) -> None:
    source = Exim()
    for line in (f'<= desk@mod.example H=c [192.0.2.1] P=esmtp S=9 T="{logged}"', "=> bob@army.ml R=all T=smtp"):
        assert list(source.read(f"2026-11-24 06:48:49 1rnZxA-0000Ab-1X {line}".encode())) == []
    assert [event.subject for event in source.finish()] == [subject]
