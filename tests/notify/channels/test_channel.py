"""One channel: what rings, once each, in how many messages, and what a crash or a refusal leaves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streams.events.alert import encode_alert
from streams.notify.channels.channel import (
    FIRST_PAUSE_S,
    FULL,
    GATHER_S,
    LONGEST_PAUSE_S,
    Channel,
    ChannelPolicy,
    ChannelResult,
    NotSentError,
)
from streams.notify.channels.journal import ChannelJournal
from streams.notify.channels.message import ChannelMessage
from streams.severity import Severity
from tests.cli.finding import finding

NOW_MS = 1_790_000_000_000
POLICY = ChannelPolicy("soc", Severity.MEDIUM, "addresses", 60.0)


class Crash(BaseException):
    """Stands for a SIGKILL while a message is handed over."""


class ScriptedTransport:
    """Accepts messages, unless an outcome of `script` says otherwise."""

    def __init__(self, *script: BaseException | None) -> None:
        self._script = list(script)
        self.messages: list[ChannelMessage] = []

    def send(self, message: ChannelMessage) -> None:
        error = self._script.pop(0) if self._script else None
        if error is not None:
            raise error
        self.messages.append(message)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[ChannelJournal]:
    with ChannelJournal(tmp_path / "journal.sqlite") as journal:
        yield journal


class Run:
    """A channel at a clock of its own, fed with states of findings."""

    def __init__(self, journal: ChannelJournal, *script: BaseException | None, policy: ChannelPolicy = POLICY) -> None:
        self.transport = ScriptedTransport(*script)
        self.channel = Channel(policy, journal, self.transport)
        self.now_s, self._offset = 1_000.0, 0

    def take(self, number: int = 1, **changes: Any) -> None:
        value = encode_alert(finding(uid=f"{number:02x}" * 16, **changes))
        self.channel.take(value, 0, self._offset, self.now_s)
        self._offset += 1

    def after(self, seconds: float) -> ChannelResult | None:
        self.now_s += seconds
        return self.channel.attempt(self.now_s, lambda: NOW_MS)

    @property
    def titles(self) -> list[str]:
        return [message.title for message in self.transport.messages]


@pytest.mark.parametrize(
    ("states", "messages"),
    [
        ([{}], 1),
        ([{"severity": Severity.LOW}], 0),
        ([{"is_alert": False}], 0),
        ([{}, {}], 1),
        ([{}, {"sequence": 2, "activity": 2, "is_alert": False}], 1),
        ([{}, {"sequence": 2, "activity": 2, "severity": Severity.CRITICAL}], 2),
        ([{}, {"sequence": 9, "activity": 2}], 2),  # reopened
        ([{}, {"sequence": 9}], 1),  # begun anew after the loss of a partition's state
        ([{}, {"sequence": 9, "severity": Severity.CRITICAL}], 2),
        ([{"sequence": 3}, {"sequence": 2, "severity": Severity.CRITICAL}], 1),  # older
        ([{"severity": Severity.LOW}, {"sequence": 2, "activity": 2}], 1),
    ],
)
def test_what_rings(journal: ChannelJournal, states: list[dict[str, Any]], messages: int) -> None:
    run = Run(journal)
    for state in states:
        run.take(**state)
        run.after(POLICY.every_s + GATHER_S)
    assert len(run.transport.messages) == messages
    again = Run(journal)
    for state in states:
        again.take(**state)
        again.after(POLICY.every_s + GATHER_S)
    assert again.transport.messages == [], "a restart rings again"


def test_what_comes_together_is_one_message_and_the_next_waits(journal: ChannelJournal) -> None:
    run = Run(journal)
    for number in range(20):
        run.take(number)
        assert run.after(GATHER_S / 40) is None
    result = run.after(GATHER_S)
    assert result is not None
    assert (result.outcome, result.findings) == ("sent", 20)
    run.take(20)
    assert run.after(POLICY.every_s - 1) is None
    run.take(21)
    assert run.after(1) is not None
    assert run.titles == ["straymail: 20 findings: 20 high", "straymail: 2 findings: 2 high"]


def test_a_finding_is_sent_as_it_is_by_then_and_not_at_all_where_it_was_withdrawn(journal: ChannelJournal) -> None:
    run = Run(journal)
    run.take(1)
    run.take(2)
    run.take(1, sequence=2, activity=2, is_alert=False, count=8)
    run.take(1, sequence=1, activity=2, count=4)
    run.take(2, sequence=2, activity=3, is_alert=False)
    run.after(GATHER_S)
    assert run.titles == ["straymail: High: A sender sent 8 mails to army[.]ml, probably meant for army.mil"]


def test_a_channel_that_is_away_is_tried_again_with_growing_pauses_and_gets_one_message(
    journal: ChannelJournal,
) -> None:
    away = [NotSentError("it answered 503", unsure=False) for _ in range(10)]
    run = Run(journal, *away)
    run.take(1)
    pauses = []
    result = run.after(GATHER_S)
    while result is not None and result.outcome == "failed":
        pauses.append(result.again_s)
        run.take(2 + len(pauses))
        assert run.after(result.again_s - 0.01) is None
        assert journal.positions("soc") == {}, "a restart would lose what waits"
        result = run.after(0.01)
    assert pauses == [min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2**n) for n in range(10)]
    assert run.titles == ["straymail: 11 findings: 11 high"]
    assert journal.positions("soc") == {0: 11}
    run.take(99)
    run.after(POLICY.every_s)
    assert len(run.titles) == 2


def test_what_a_crash_interrupts_is_sent_again_and_marked_and_nothing_else_is(journal: ChannelJournal) -> None:
    run = Run(journal, None, Crash())
    run.take(1)
    run.after(GATHER_S)
    run.take(2)
    with pytest.raises(Crash):
        run.after(POLICY.every_s)
    again = Run(journal)
    for number in (1, 2, 3):
        again.take(number)
    again.after(GATHER_S)
    (message,) = again.transport.messages
    marks = {line.partition("(finding ")[2]: "may be a repeat" in line for line in message.text.splitlines()}
    assert list(marks.values()) == [True, False]
    assert journal.claimed("soc") == set()


def test_a_message_that_may_have_arrived_is_marked_when_it_is_sent_again(journal: ChannelJournal) -> None:
    run = Run(journal, NotSentError("too long", unsure=True), NotSentError("away", unsure=False))
    run.take(1)
    for seconds in (GATHER_S, FIRST_PAUSE_S, 2 * FIRST_PAUSE_S):
        run.after(seconds)
    assert [title.startswith("straymail: may be a repeat: High") for title in run.titles] == [True]


def test_a_refused_message_leaves_no_claim(journal: ChannelJournal) -> None:
    run = Run(journal, NotSentError("401", unsure=False))
    run.take(1)
    run.after(GATHER_S)
    assert journal.claimed("soc") == set()


def test_what_is_no_alert_moves_the_position_on(journal: ChannelJournal) -> None:
    run = Run(journal)
    run.channel.take(b"{}", 3, 41, run.now_s)
    run.channel.take(None, 3, 42, run.now_s)
    assert run.channel.is_idle
    assert run.after(0) is None
    assert journal.positions("soc") == {3: 43}


def test_it_says_when_enough_findings_wait(journal: ChannelJournal) -> None:
    run = Run(journal)
    value = encode_alert(finding())
    for number in range(FULL):
        assert not run.channel.is_full
        run.channel.take(value.replace(b"a1" * 16, b"%032x" % number), 0, number, run.now_s)
    assert run.channel.is_full
    assert run.channel.due_in_s(run.now_s) == GATHER_S
    assert run.channel.due_in_s(run.now_s + 9) == 0


def test_a_dry_run_shows_the_text_once_and_notes_nothing(journal: ChannelJournal) -> None:
    channel = Channel(POLICY, journal, None)
    value = encode_alert(finding())
    shown = []
    for now_s in (0.0, 100.0):
        channel.take(value, 0, int(now_s), now_s)
        shown.append(channel.attempt(now_s + GATHER_S, lambda: NOW_MS))
    assert shown[0] is not None
    assert (shown[0].outcome, shown[1]) == ("dry-run", None)
    assert "Finding a1a1a1a1a1a1" in shown[0].text
    assert (journal.positions("soc"), journal.claimed("soc")) == ({}, set())
