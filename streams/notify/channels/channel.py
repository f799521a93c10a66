"""One channel: which alerts it is sent, when, and what is noted of it. The time is an argument; nothing here waits.

An alert waits until its message may be sent, and its finding's later states take its place meanwhile. The position is
noted only with a message that was accepted, or while nothing waits: a crash loses none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from streams.errors import StraymailError, UnreadableRecord
from streams.events.alert_view import AlertView, read_alert
from streams.notify.channels.journal import ChannelJournal, SentState
from streams.notify.channels.message import ChannelMessage, Redaction, compose
from streams.severity import Severity

GATHER_S = 2.0
"""How long the first alert waits for others of the same moment, so that they become one message."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 5.0, 600.0
"""The pause after a message was not accepted; it doubles each time."""
FULL = 1_000
"""Findings that may wait; then no more are read."""


class NotSentError(StraymailError):
    """The channel did not accept the message. `unsure` where it may have, and nobody can know."""

    def __init__(self, message: str, *, unsure: bool) -> None:
        super().__init__(message)
        self.unsure = unsure


class MessageTransport(Protocol):
    """Hands messages over; `streams.notify.channels.apprise` has the real one."""

    def send(self, message: ChannelMessage) -> None:
        """Return once the message is accepted. Raises NotSentError."""


@dataclass(frozen=True, slots=True)
class ChannelPolicy:
    """What a channel is sent: its name, the lowest severity, what is left out, the least time between messages."""

    name: str
    severity: Severity
    redact: Redaction
    every_s: float


@dataclass(frozen=True, slots=True)
class ChannelResult:
    """What came of a message: `sent`, `failed` (it is tried again after `again_s`) or `dry-run`."""

    channel: str
    outcome: str
    findings: int
    title: str
    text: str = ""
    why: str = ""
    again_s: float = 0.0


class Channel:
    """The running state of one channel. `transport` is None in a dry run, which leaves the journal unchanged."""

    def __init__(self, policy: ChannelPolicy, journal: ChannelJournal, transport: MessageTransport | None) -> None:
        self._policy, self._journal, self._transport = policy, journal, transport
        self._waiting: dict[str, AlertView] = {}
        self._unsure = journal.claimed(policy.name)
        self._positions: dict[int, int] = {}
        self._due_s, self._pause_s = 0.0, FIRST_PAUSE_S
        self._shown: dict[str, SentState] = {}

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits to be sent."""
        return not self._waiting

    @property
    def is_full(self) -> bool:
        """Whether so many findings wait that no more should be read."""
        return len(self._waiting) >= FULL

    def take(self, value: bytes | None, partition: int, offset: int, now_s: float) -> None:
        """Take the next record of mail.alerts; `now_s` is of a clock that never goes back."""
        self._positions[partition] = offset + 1
        try:
            view = read_alert(value) if value is not None else None
        except UnreadableRecord:
            return
        if view is None:
            return
        waiting = self._waiting.get(view.uid)
        if waiting is not None and view.sequence <= waiting.sequence:
            return
        if view.activity == "close":
            self._waiting.pop(view.uid, None)
        elif waiting is not None or self._rings(view):
            if not self._waiting:
                self._due_s = max(self._due_s, now_s + GATHER_S)
            self._waiting[view.uid] = view

    def _rings(self, view: AlertView) -> bool:
        """Whether the alert calls somebody, and the channel was sent nothing that says as much: a finding begins anew
        where the state of a partition was lost."""
        if not view.is_alert or view.severity < self._policy.severity:
            return False
        last = self._shown.get(view.uid) or self._journal.last_sent(self._policy.name, view.uid)
        if last is None:
            return True
        begins_again = view.activity == "create" and view.severity <= last.severity
        return view.sequence > last.sequence and not begins_again

    def due_in_s(self, now_s: float) -> float:
        """Seconds until what waits may be sent; 0 where it is due."""
        return max(0.0, self._due_s - now_s)

    def attempt(self, now_s: float, now_ms: Callable[[], int]) -> ChannelResult | None:
        """Send what waits, if it is due, and note it; None where there was nothing to send."""
        if self._waiting and now_s >= self._due_s:
            return self._send(now_s, now_ms)
        if not self._waiting and self._positions and self._transport is not None:
            self._journal.save_positions(self._policy.name, self._positions)
            self._positions.clear()
        return None

    def _send(self, now_s: float, now_ms: Callable[[], int]) -> ChannelResult:
        name, sent = self._policy.name, list(self._waiting.values())
        message = compose(sent, self._policy.redact, self._unsure)
        states = [SentState(view.uid, view.sequence, view.severity) for view in sent]
        if self._transport is None:
            self._shown.update((state.finding, state) for state in states)
            self._accepted(now_s)
            return ChannelResult(name, "dry-run", len(sent), message.title, message.text)
        self._journal.claim(name, self._waiting)
        try:
            self._transport.send(message)
        except NotSentError as error:
            return self._failed(error, message, now_s)
        self._journal.settle(name, states, self._positions, now_ms())
        self._unsure.clear()
        self._accepted(now_s)
        return ChannelResult(name, "sent", len(sent), message.title)

    def _accepted(self, now_s: float) -> None:
        self._waiting.clear()
        self._positions.clear()
        self._due_s, self._pause_s = now_s + self._policy.every_s, FIRST_PAUSE_S

    def _failed(self, error: NotSentError, message: ChannelMessage, now_s: float) -> ChannelResult:
        if error.unsure:
            self._unsure.update(self._waiting)
        else:
            self._journal.release(self._policy.name, self._waiting.keys() - self._unsure)
        self._due_s, again_s = now_s + self._pause_s, self._pause_s
        self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)
        number = len(self._waiting)
        return ChannelResult(self._policy.name, "failed", number, message.title, why=str(error), again_s=again_s)
