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
