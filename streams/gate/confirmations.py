"""What senders were asked and have confirmed: a table of records that all gates share.

Records merge in any order and with any repeats: of an ask the least time counts, of a confirmation the greatest. The
key of an ask has the number of its window in it, so that a later ask has a record of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Literal, NamedTuple

import msgspec

from streams.domains.names import LONGEST_NAME
from streams.events.mail import AHEAD_ALLOWED_MS, EARLIEST_MS
from streams.gate.question import GateProtocol

MOST = 100_000
"""The most asks and the most confirmations in memory, some 40 MB each. The oldest go first, and are asked again."""
LOOKED_AT = 1_000
"""So many are looked at in one go, since questions wait meanwhile."""
StoredRecord = tuple[bytes, bytes | None]
"""Key and value, both text; no value where an ask was withdrawn."""
Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")]
Domain = Annotated[str, msgspec.Meta(max_length=LONGEST_NAME)]
_KEY = re.compile(rb"(?:(asked|corrected):([0-9a-f]{32}):(\d{1,12})|confirmed:([0-9a-f]{32}))")


class AskKey(NamedTuple):
    """Names an ask: the digest of sender and recipient, and the number of the window in which it was asked."""

    pair: str
    window: int

    def key(self, kind: Literal["asked", "corrected"]) -> bytes:
        return f"{kind}:{self.pair}:{self.window}".encode()

    def __str__(self) -> str:
        return f"{self.pair}-{self.window}"


class Ask(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """When a sender was asked (ms since the epoch), over which protocol, about which mistaken domain in place of which
    intended one, and about which mail: `mail` is a digest of what tells mails apart, None where nothing does.
    `corrects` is the digest of who was asked and the intended address, `sender` that of the envelope sender alone."""

    time: int
    protocol: GateProtocol
    domain: Domain
    intended: Domain
    corrects: Digest
    mail: Digest | None = None
    sender: Digest | None = None


class DecisionTime(msgspec.Struct, frozen=True, gc=False):
    """When a sender confirmed, or wrote to the intended address (ms since the epoch)."""

    time: int


_decode_ask = msgspec.json.Decoder(Ask).decode
_decode_time = msgspec.json.Decoder(DecisionTime).decode
_encode = msgspec.json.Encoder().encode


def asked_record(key: AskKey, ask: Ask) -> StoredRecord:
    """An ask, as it is stored."""
    return key.key("asked"), _encode(ask)


def withdrawn_record(key: AskKey) -> StoredRecord:
    """Removes an ask whose mail passed after all, since it was stored too late."""
    return key.key("asked"), None


def corrected_record(key: AskKey, time_ms: int) -> StoredRecord:
    """That the sender of an ask has written to the intended address."""
    return key.key("corrected"), _encode(DecisionTime(time_ms))


def confirmed_record(pair: str, time_ms: int) -> StoredRecord:
    """That a sender has confirmed a recipient."""
    return f"confirmed:{pair}".encode(), _encode(DecisionTime(time_ms))


class Confirmations:
    """The table in memory. `window_ms` is how long an ask is open, `remember_ms` how long a confirmation holds."""

    def __init__(self, window_ms: int, remember_ms: int) -> None:
        self._window_ms, self._remember_ms = window_ms, remember_ms
        self._asks: dict[AskKey, Ask] = {}
        self._confirmed: dict[str, int] = {}
        self._corrected: dict[AskKey, int] = {}
        self._to_correct: dict[str, set[AskKey]] = {}
        self._intended = Counter[str]()
        self.unreadable = 0
        """Records that were skipped, since they are no decisions or are dated ahead of the clock."""

    def __len__(self) -> int:
        return len(self._asks) + len(self._confirmed)

    @property
    def sizes(self) -> dict[str, int]:
        return {"asked": len(self._asks), "confirmed": len(self._confirmed)}

    def take(self, key: bytes | None, value: bytes | None, *, now_ms: int) -> None:
        """Merge a record. Raises nothing, whatever the bytes."""
        match = _KEY.fullmatch(key or b"")
        try:
            if match is None:
                self.unreadable += 1
            elif match[4]:
                self._take_confirmed(match[4].decode(), value, now_ms)
            else:
                ask_key = AskKey(match[2].decode(), int(match[3]))
                (self._take_ask if match[1] == b"asked" else self._take_corrected)(ask_key, value, now_ms)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            self.unreadable += 1

    def next_ask(self, pair: str, now_ms: int) -> AskKey:
        """The key of an ask of this moment."""
        return AskKey(pair, now_ms // self._window_ms)

    def open_ask(self, pair: str, now_ms: int) -> tuple[AskKey, Ask] | None:
        """The ask that a sender may confirm now; None where there is none."""
        window = now_ms // self._window_ms
        for number in (window - 1, window, window + 1):  # the clock of another gate may be ahead
            key = AskKey(pair, number)
            ask = self._asks.get(key)
            if ask is not None and now_ms - ask.time < self._window_ms:
                return key, ask
        return None

    def is_confirmed(self, pair: str, now_ms: int) -> bool:
        """Whether the sender has confirmed the recipient, and not too long ago."""
        confirmed_ms = self._confirmed.get(pair)
        return confirmed_ms is not None and now_ms - confirmed_ms < self._remember_ms

    def is_intended(self, domain: str) -> bool:
        """Whether mail to a domain may correct anything: some open ask means this one."""
        return domain in self._intended

    def to_correct(self, corrects: str) -> Iterator[tuple[AskKey, Ask]]:
        """The asks that mail to this intended address corrects, but for those that are corrected already."""
        for key in self._to_correct.get(corrects, ()):
            if key not in self._corrected:
                yield key, self._asks[key]

    def drop_old(self, now_ms: int) -> None:
        """Drop what no longer holds, of the LOOKED_AT oldest of each kind: whoever calls again drops all in time."""
        asks = list(islice(self._asks.items(), LOOKED_AT))
        confirmed = list(islice(self._confirmed.items(), LOOKED_AT))
        corrected = list(islice(self._corrected.items(), LOOKED_AT))
        for key in [key for key, ask in asks if now_ms - ask.time >= self._window_ms]:
            self._drop_ask(key)
        for pair in [pair for pair, time_ms in confirmed if now_ms - time_ms >= self._remember_ms]:
            del self._confirmed[pair]
        for key in [key for key, time_ms in corrected if now_ms - time_ms >= 2 * self._window_ms]:
            del self._corrected[key]

    def _take_ask(self, key: AskKey, value: bytes | None, now_ms: int) -> None:
        if value is None:
            self._drop_ask(key)
            return
        ask, known = _decode_ask(value), self._asks.get(key)
        if not self._is_current(ask.time, now_ms, self._window_ms) or (known is not None and known.time <= ask.time):
            return
        self._drop_ask(key)
        self._asks[key] = ask
        self._to_correct.setdefault(ask.corrects, set()).add(key)
        self._intended[ask.intended] += 1
        if len(self._asks) > MOST:
            self._drop_ask(next(iter(self._asks)))

    def _take_confirmed(self, pair: str, value: bytes | None, now_ms: int) -> None:
        time_ms = _decode_time(value or b"").time
        if self._is_current(time_ms, now_ms, self._remember_ms) and time_ms > self._confirmed.get(pair, 0):
            self._confirmed.pop(pair, None)
            self._confirmed[pair] = time_ms
            if len(self._confirmed) > MOST:
                del self._confirmed[next(iter(self._confirmed))]

    def _take_corrected(self, key: AskKey, value: bytes | None, now_ms: int) -> None:
        time_ms = _decode_time(value or b"").time
        if self._is_current(time_ms, now_ms, 2 * self._window_ms):
            self._corrected[key] = min(time_ms, self._corrected.get(key, time_ms))
            if len(self._corrected) > MOST:
                del self._corrected[next(iter(self._corrected))]

    def _is_current(self, time_ms: int, now_ms: int, holds_ms: int) -> bool:
        """Whether a time is one that still counts. One ahead of the clock would count for too long."""
        if time_ms < EARLIEST_MS or time_ms > now_ms + AHEAD_ALLOWED_MS:
            self.unreadable += 1
            return False
        return now_ms - time_ms < holds_ms

    def _drop_ask(self, key: AskKey) -> None:
        ask = self._asks.pop(key, None)
        if ask is not None:
            waiting = self._to_correct[ask.corrects]
            waiting.discard(key)
            if not waiting:
                del self._to_correct[ask.corrects]
            self._intended[ask.intended] -= 1
            if not self._intended[ask.intended]:
                del self._intended[ask.intended]
