"""Mails that may get more lines: kept until they are done, and emitted again whenever their state has changed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

import msgspec

from streams.errors import UnreadableRecord
from streams.events.decode_errors import DECODER_ERRORS
from streams.events.delivery import Delivery
from streams.sources.build_event import bracketed, check_sender, later

LINGER_MS = 10_000
"""How long, in the log's time, a mail is held back after its first line that has not been emitted. Lines of one moment
may come in any order; counting from the first line, a mail that is retried every second is emitted all the same."""
OPEN_ALLOWED = 200_000
"""The most mails that are kept of each kind."""


class OpenMail(msgspec.Struct, rename={"active_ms": "stirred_ms", "emitted": "told"}):
    """What is known of a mail so far; times in ms since the epoch.

    `active_ms` is the time of the first line since the mail was last emitted; `emitted` has the delivery statuses that
    were emitted last. Position files keep the older names of both. `client` is the session's client as the log writes
    it; `is_trusted` is true for a client that was logged in and for a mail of this host. `is_counted` is true for a
    mail that was reported as a problem or counted as skipped. `is_stopped` means that the gate refused it, or
    recipients of it. `listed` are the recipients that the log names when the mail arrives, `expected` is how many it
    has by the log; 0 where that is not known. `passed` has, by recipient, the queue id that the next server gave the
    mail; `origins` are the queue ids that it had before.
    """

    identity: tuple[str, ...]
    first_ms: int
    active_ms: int
    recipients: dict[str, Delivery] = {}
    sender: str | None = None
    message_id: str | None = None
    subject: str | None = None
    size: int | None = None
    labels: list[str] = []
    has_begun: bool = False
    is_done: bool = False
    emitted: dict[str, Delivery] = {}
    client: str = ""
    is_trusted: bool = False
    is_counted: bool = False
    is_stopped: bool = False
    listed: list[str] = []
    expected: int = 0
    passed: dict[str, str] = {}
    origins: list[str] = []

    @property
    def has_message_id(self) -> bool:
        """Whether the log names a message id, and not an empty one."""
        return bracketed(self.message_id) is not None

    @property
    def queue_id(self) -> str:
        """The queue id under which it was first queued."""
        return self.identity[1]

    @property
    def mail_id(self) -> str:
        """The mail's message id; without one, an id made from its queue id, so that it is counted once."""
        return bracketed(self.message_id) or f"<{'.'.join(self.identity[1:])}@{self.identity[0]}>"

    @property
    def has_changed(self) -> bool:
        """Whether the mail is complete enough for an event and differs from what was emitted last."""
        return bool(self.recipients) and self.sender is not None and self.recipients != self.emitted

    @property
    def is_incomplete(self) -> bool:
        """Whether no event was emitted for it, and nothing else said of it."""
        return not (self.emitted or self.is_counted or self.is_stopped)

    def take_sender(self, sender: str) -> None:
        """Set the sender. Raises UnreadableRecord, once, for what is no address: the mail then gives no event."""
        if self.is_counted:
            return
        try:
            check_sender(sender)
        except UnreadableRecord:
            self.is_counted = True
            raise
        self.sender = sender

    def go_on_as(self, newer: OpenMail) -> None:
        """Add what is known of the same mail since it was queued again."""
        for to, status in newer.recipients.items():
            self.recipients[to] = later(self.recipients.get(to), status)
        self.sender = self.sender if newer.sender is None else newer.sender
        self.message_id = self.message_id if self.has_message_id else newer.message_id
        self.subject, self.size = newer.subject or self.subject, newer.size or self.size
        self.labels = list(dict.fromkeys([*self.labels, *newer.labels]))
        self.is_done, self.passed = newer.is_done, {**self.passed, **newer.passed}


class OpenMails:
    """The open mails by key (host and queue id): active ones, which have lines that were not emitted yet, in the order
    of the first such line; and waiting ones, which have none."""

    def __init__(self, linger_ms: int = LINGER_MS, allowed: int = OPEN_ALLOWED) -> None:
        self._linger_ms, self._allowed = linger_ms, allowed
        self._active: OrderedDict[str, OpenMail] = OrderedDict()
        self._waiting: OrderedDict[str, OpenMail] = OrderedDict()

    def __len__(self) -> int:
        return len(self._active) + len(self._waiting)

    @property
    def newest_ms(self) -> int:
        """The newest `active_ms` of the active mails; 0 where there are none."""
        return max((mail.active_ms for mail in self._active.values()), default=0)

    def get(self, key: str) -> OpenMail | None:
        return self._active.get(key) or self._waiting.get(key)

    def touch(self, key: str, identity: tuple[str, ...], time_ms: int) -> OpenMail:
        """The mail of this key, created where there is none, made active: to be called for each line about it."""
        mail = self._active.get(key)
        if mail is None:
            mail = self._waiting.pop(key, None) or OpenMail(identity, time_ms, time_ms)
            mail.active_ms = time_ms
            self._active[key] = mail
        if time_ms < mail.first_ms and not mail.emitted:
            mail.first_ms = time_ms
        return mail

    def keep(self, key: str, mail: OpenMail) -> None:
        """Let a mail wait that has been emitted."""
        self._waiting[key] = mail

    def rename(self, old: str, new: str, time_ms: int) -> None:
        """The mail of one key, if there is one, goes on under another, for which there may be lines already."""
        mail = self.pop(old)
        if mail is None:
            return
        newer = self.pop(new)
        if newer is not None:
            mail.go_on_as(newer)
        mail.active_ms = time_ms
        self._active[new] = mail

    def pop(self, key: str) -> OpenMail | None:
        """Remove the mail of this key and return it."""
        return self._active.pop(key, None) or self._waiting.pop(key, None)

    def quiet(self, now_ms: int) -> Iterator[OpenMail]:
        """Mails that became active long enough ago: removed where they are done, else they wait for more lines. Those
        that have waited longest are removed, as done, where too many wait."""
        active, limit = self._active, now_ms - self._linger_ms
        while active:
            key = next(iter(active))
            mail = active[key]
            if mail.active_ms > limit and len(active) <= self._allowed:
                break
            del active[key]
            if not mail.is_done:
                self._waiting[key] = mail
            yield mail
        while len(self._waiting) > self._allowed:
            _, mail = self._waiting.popitem(last=False)
            mail.is_done = True
            yield mail

    def drain(self) -> Iterator[OpenMail]:
        """Return all mails, and remove them afterwards: one may be the next step of another."""
        yield from [*self._active.values(), *self._waiting.values()]
        self._active.clear()
        self._waiting.clear()

    def dump(self) -> bytes:
        """All mails as JSON, for `load`."""
        return msgspec.json.encode({"stirred": dict(self._active), "waiting": dict(self._waiting)})

    def load(self, dumped: bytes) -> None:
        """Replace the mails with those of a `dump`. Raises ValueError where `dumped` is not one."""
        try:
            state = msgspec.json.decode(dumped, type=dict[str, dict[str, OpenMail]])
        except DECODER_ERRORS as error:
            raise ValueError(f"not a state of open mails: {error}") from None
        self._active, self._waiting = OrderedDict(state["stirred"]), OrderedDict(state["waiting"])
