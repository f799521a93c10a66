"""What senders were asked and have confirmed: a table of records that all gates share.

Records merge in any order and with any repeats: an ask never changes, since its key has its time and its mail in it; of
a refusal and of a confirmation the greatest time counts, of a correction the least.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Annotated, Literal, NamedTuple

import msgspec

from streams.domains.names import LONGEST_NAME
from streams.events.decode_errors import DECODER_ERRORS
from streams.events.mail import AHEAD_ALLOWED_MS, EARLIEST_MS
from streams.gate.question import GateProtocol

MOST = 100_000
"""The most asks and the most confirmations in memory, some 40 MB each. The oldest go first, and are asked again."""
LOOKED_AT = 1_000
"""So many are looked at in one go, since questions wait meanwhile."""
READ_WITHIN_MS = 2_000
"""So soon a gate knows what another has stored."""
StoredRecord = tuple[bytes, bytes | None]
"""Key and value, both text; no value where an ask was withdrawn."""
Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")]
Domain = Annotated[str, msgspec.Meta(max_length=LONGEST_NAME)]
_KEY = re.compile(
    rb"(?P<ask>asked|corrected):(?P<of>[0-9a-f]{32}):(?P<mark>[0-9a-f-]{1,48})|(?P<pair>refused|confirmed):(?P<to>[0-9a-f]{32})"
)


class AskKey(NamedTuple):
    """Names an ask: the digest of sender and recipient, and a mark made of its time and its mail."""

    pair: str
    mark: str

    @classmethod
    def of(cls, pair: str, ask: Ask) -> AskKey:
        return cls(pair, f"{ask.time}-{ask.mail[:16]}" if ask.mail else str(ask.time))

    def key(self, kind: Literal["asked", "corrected"]) -> bytes:
        return f"{kind}:{self.pair}:{self.mark}".encode()

    def __str__(self) -> str:
        return f"{self.pair}-{self.mark}"


class Ask(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """When a sender was asked (ms since the epoch), over which protocol, about which mistaken domain in place of which
    intended one, and about which mail: `mail` is a digest of what tells mails apart, None where nothing does.
    `corrects` is the digest of who was asked and the intended address, `sender` that of the envelope sender alone. One
    that is `final` can't be confirmed."""

    time: int
    protocol: GateProtocol
    domain: Domain
    intended: Domain
    corrects: Digest
    mail: Digest | None = None
    sender: Digest | None = None
    final: bool = False


class DecisionTime(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """When a sender was refused again, confirmed, or wrote to the intended address (ms since the epoch), and by which
    mail."""

    time: int
    mail: Digest | None = None


NEVER = DecisionTime(0)
_decode_ask = msgspec.json.Decoder(Ask).decode
_decode_time = msgspec.json.Decoder(DecisionTime).decode
_encode = msgspec.json.Encoder().encode


def asked_record(key: AskKey, ask: Ask) -> StoredRecord:
    """An ask, as it is stored."""
    return key.key("asked"), _encode(ask)


def withdrawn_record(key: AskKey) -> StoredRecord:
    """Removes an ask whose sender never saw it, since it was stored too late, or the client was gone."""
    return key.key("asked"), None


def refused_record(pair: str, time_ms: int, mail: str | None) -> StoredRecord:
    """That a sender was refused again after an ask."""
    return f"refused:{pair}".encode(), _encode(DecisionTime(time_ms, mail))


def corrected_record(key: AskKey, time_ms: int, mail: str | None) -> StoredRecord:
    """That the sender of an ask has written to the intended address."""
    return key.key("corrected"), _encode(DecisionTime(time_ms, mail))


def uncorrected_record(key: AskKey) -> StoredRecord:
    """Takes a correction back: the mail that made it was for both addresses."""
    return key.key("corrected"), None


def confirmed_record(pair: str, time_ms: int) -> StoredRecord:
    """That a sender has confirmed a recipient."""
    return f"confirmed:{pair}".encode(), _encode(DecisionTime(time_ms))


@dataclass(slots=True)
class _Pair:
    """What is known of a sender and a recipient that have asks: these, the last refusal, and when it happened or, where
    that was much later, became known here: the clock of another gate may be behind, and one that starts knows it late.
    """

    asks: list[AskKey] = field(default_factory=list)
    refused: DecisionTime = NEVER
    refused_ms: int = 0

    def note(self, refused: DecisionTime, now_ms: int) -> None:
        if refused.time > self.refused.time:
            is_late = now_ms - refused.time > READ_WITHIN_MS
            self.refused, self.refused_ms = refused, now_ms if is_late else refused.time


class Confirmations:
    """The table in memory. `window_ms` is how long an ask is open, `remember_ms` how long a confirmation holds."""

    def __init__(self, window_ms: int, remember_ms: int) -> None:
        self._window_ms, self._remember_ms = window_ms, remember_ms
        self._asks: dict[AskKey, Ask] = {}
        self._pairs: dict[str, _Pair] = {}
        self._confirmed: dict[str, int] = {}
        self._corrected: dict[AskKey, DecisionTime] = {}
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
            elif kind := match["pair"]:
                (self._take_confirmed if kind == b"confirmed" else self._take_refused)(
                    match["to"].decode(), value, now_ms
                )
            else:
                ask_key = AskKey(match["of"].decode(), match["mark"].decode())
                (self._take_ask if match["ask"] == b"asked" else self._take_corrected)(ask_key, value, now_ms)
        except DECODER_ERRORS:
            self.unreadable += 1

    def open_ask(
        self, pair: str, protocol: GateProtocol, now_ms: int, *, mail: str | None = None, is_final: bool = False
    ) -> tuple[AskKey, Ask] | None:
        """The first ask over this protocol that a sender may confirm now, or with `is_final` that can't be confirmed;
        None where there is none. One that the sender has corrected is closed, but for the very mail that did: it may be
        addressed to both."""
        known = self._pairs.get(pair)
        found: tuple[AskKey, Ask] | None = None
        for key in known.asks if known is not None else ():
            ask, corrected = self._asks[key], self._corrected.get(key)
            is_open = corrected is None or (mail is not None and corrected.mail == mail)
            if is_open and (ask.protocol, ask.final) == (protocol, is_final) and now_ms - ask.time < self._window_ms:
                found = min(found or (key, ask), (key, ask), key=_by_time)
        return found

    def last_refused_ms(self, pair: str) -> int | None:
        """When the sender was last refused, as far as is known here; None where there is no ask."""
        known = self._pairs.get(pair)
        return None if known is None else known.refused_ms

    def was_refused(self, pair: str, mail: str | None) -> bool:
        """Whether a mail is one that was refused: one of those that led to an ask, or the last one."""
        known = self._pairs.get(pair)
        if known is None or mail is None:
            return False
        return mail == known.refused.mail or any(mail == self._asks[key].mail for key in known.asks)

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

    def is_corrected(self, key: AskKey) -> bool:
        """Whether a mail to the intended address has closed the ask."""
        return key in self._corrected

    def drop_old(self, now_ms: int) -> None:
        """Drop what no longer holds, of the LOOKED_AT oldest of each kind: whoever calls again drops all in time."""
        asks = list(islice(self._asks.items(), LOOKED_AT))
        confirmed = list(islice(self._confirmed.items(), LOOKED_AT))
        corrected = list(islice(self._corrected.items(), LOOKED_AT))
        for key in [key for key, ask in asks if now_ms - ask.time >= self._window_ms]:
            self._drop_ask(key)
        for pair in [pair for pair, time_ms in confirmed if now_ms - time_ms >= self._remember_ms]:
            del self._confirmed[pair]
        for key in [key for key, noted in corrected if now_ms - noted.time >= 2 * self._window_ms]:
            del self._corrected[key]

    def _take_ask(self, key: AskKey, value: bytes | None, now_ms: int) -> None:
        if value is None:
            self._drop_ask(key)
            return
        ask = _decode_ask(value)
        if key in self._asks or not self._is_current(ask.time, now_ms, self._window_ms):
            return
        self._asks[key] = ask
        known = self._pairs.setdefault(key.pair, _Pair())
        known.asks.append(key)
        known.note(DecisionTime(ask.time, ask.mail), now_ms)
        self._to_correct.setdefault(ask.corrects, set()).add(key)
        self._intended[ask.intended] += 1
        if len(self._asks) > MOST:
            self._drop_ask(next(iter(self._asks)))

    def _take_refused(self, pair: str, value: bytes | None, now_ms: int) -> None:
        refused, known = _decode_time(value or b""), self._pairs.get(pair)
        if self._is_current(refused.time, now_ms, self._window_ms) and known is not None:
            known.note(refused, now_ms)

    def _take_confirmed(self, pair: str, value: bytes | None, now_ms: int) -> None:
        time_ms = _decode_time(value or b"").time
        if self._is_current(time_ms, now_ms, self._remember_ms) and time_ms > self._confirmed.get(pair, 0):
            self._confirmed.pop(pair, None)
            self._confirmed[pair] = time_ms
            if len(self._confirmed) > MOST:
                del self._confirmed[next(iter(self._confirmed))]

    def _take_corrected(self, key: AskKey, value: bytes | None, now_ms: int) -> None:
        if value is None:
            self._corrected.pop(key, None)
            return
        noted, known = _decode_time(value), self._corrected.get(key)
        if self._is_current(noted.time, now_ms, 2 * self._window_ms) and (known is None or noted.time < known.time):
            self._corrected[key] = noted
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
        if ask is None:
            return
        of_pair, waiting = self._pairs[key.pair].asks, self._to_correct[ask.corrects]
        of_pair.remove(key)
        if not of_pair:
            del self._pairs[key.pair]
        waiting.discard(key)
        if not waiting:
            del self._to_correct[ask.corrects]
        self._intended[ask.intended] -= 1
        if not self._intended[ask.intended]:
            del self._intended[ask.intended]


def _by_time(found: tuple[AskKey, Ask]) -> tuple[int, AskKey]:
    key, ask = found
    return ask.time, key
