"""Mails that a log tells piece by piece: kept while more may come, told again when their state changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

import msgspec

from streams.events.delivery import Delivery

LINGER_MS = 10_000
"""So long after its first line that was not told (in the log's time) a mail is told: lines of one moment may come in
any order, and a mail that is tried again every second is told all the same."""
OPEN_ALLOWED = 200_000
"""So many mails are waited for; the one that has waited longest is forgotten first."""


class OpenMail(msgspec.Struct):
    """What is known of a mail up to now; times in ms since the epoch. `stirred_ms` is that of the first line since it
    was told, `told` what was told of it last."""

    identity: tuple[str, ...]
    first_ms: int
    stirred_ms: int
    recipients: dict[str, Delivery] = {}
    sender: str | None = None
    message_id: str | None = None
    subject: str | None = None
    size: int | None = None
    labels: list[str] = []
    has_begun: bool = False
    is_done: bool = False
    told: dict[str, Delivery] = {}

    @property
    def has_news(self) -> bool:
        """Whether there is something to tell that was not told."""
        return bool(self.recipients) and self.sender is not None and self.recipients != self.told


class OpenMails:
    """The mails by key (host and queue id): those with a line just read, in the order of it, and those that only
    wait."""

    def __init__(self, linger_ms: int = LINGER_MS, allowed: int = OPEN_ALLOWED) -> None:
        self._linger_ms, self._allowed = linger_ms, allowed
        self._stirred: OrderedDict[str, OpenMail] = OrderedDict()
        self._waiting: OrderedDict[str, OpenMail] = OrderedDict()

    def __len__(self) -> int:
        return len(self._stirred) + len(self._waiting)

    @property
    def newest_ms(self) -> int:
        """The time of the newest line about a mail that is yet to settle; 0 where there is none."""
        return max((mail.stirred_ms for mail in self._stirred.values()), default=0)

    def get(self, key: str) -> OpenMail | None:
        return self._stirred.get(key) or self._waiting.get(key)

    def touch(self, key: str, identity: tuple[str, ...], time_ms: int) -> OpenMail:
        """The mail of this key, a new one where there is none; a line about it was read."""
        mail = self._stirred.get(key)
        if mail is None:
            mail = self._waiting.pop(key, None) or OpenMail(identity, time_ms, time_ms)
            mail.stirred_ms = time_ms
            self._stirred[key] = mail
        if time_ms < mail.first_ms and not mail.told:
            mail.first_ms = time_ms
        return mail

    def take(self, key: str) -> OpenMail | None:
        """The mail of this key, which is no longer waited for."""
        return self._stirred.pop(key, None) or self._waiting.pop(key, None)

    def quiet(self, now_ms: int) -> Iterator[OpenMail]:
        """Mails that were stirred long enough ago; the ones that are done are forgotten, the others wait for more."""
        stirred, limit = self._stirred, now_ms - self._linger_ms
        while stirred:
            key = next(iter(stirred))
            mail = stirred[key]
            if mail.stirred_ms > limit and len(stirred) <= self._allowed:
                return
            del stirred[key]
            if not mail.is_done:
                self._wait(key, mail)
            yield mail

    def rest(self) -> Iterator[OpenMail]:
        """All that are left."""
        left = [*self._stirred.values(), *self._waiting.values()]
        self._stirred.clear()
        self._waiting.clear()
        return iter(left)

    def dump(self) -> bytes:
        """All of them, as JSON."""
        return msgspec.json.encode({"stirred": dict(self._stirred), "waiting": dict(self._waiting)})

    def load(self, dumped: bytes) -> None:
        """Take over what was dumped. Raises ValueError where it is no such thing."""
        try:
            kept = msgspec.json.decode(dumped, type=dict[str, dict[str, OpenMail]])
        except msgspec.MsgspecError as error:
            raise ValueError(f"not what was kept of open mails: {error}") from None
        self._stirred, self._waiting = OrderedDict(kept["stirred"]), OrderedDict(kept["waiting"])

    def _wait(self, key: str, mail: OpenMail) -> None:
        self._waiting[key] = mail
        if len(self._waiting) > self._allowed:
            self._waiting.popitem(last=False)
