"""The typo hits that the console keeps: the newest, by sender and by mistaken domain, for the mails of a finding."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

from streams.console.compress import pack, unpack
from streams.events.alert_view import AlertView
from streams.events.hit import HitKind, TypoHit, decode_hit_or_tick
from streams.events.mail_join import mails_of, of_finding

LOOKED_AT = 2_000
"""So many of a key's newest hits are read for one finding: each takes about 10 us."""


class _Kept(NamedTuple):
    sender: str
    domain: str
    mail: int
    packed: bytes


class Hits:
    """The newest `limit` hits, in order of arrival."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._order: deque[_Kept] = deque()
        self._by_sender: dict[str, deque[_Kept]] = {}
        self._by_domain: dict[str, deque[_Kept]] = {}
        self._mails: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._order)

    def put(self, hit: TypoHit, value: bytes) -> bool:
        """Take a hit in; True where its mail has not been seen with this domain."""
        mail = hash((hit.mail, hit.domain))
        kept = _Kept(hit.sender, hit.domain, mail, pack(value))
        self._order.append(kept)
        self._by_sender.setdefault(hit.sender, deque()).append(kept)
        self._by_domain.setdefault(hit.domain, deque()).append(kept)
        times = self._mails[mail] = self._mails.get(mail, 0) + 1
        if len(self._order) > self._limit:
            self._drop_oldest()
        return times == 1

    def mails(self, finding: AlertView, hits_of_rule: Mapping[str, HitKind]) -> list[TypoHit]:
        """The finding's mails that are known, oldest first: a hit for each mail and mistaken domain."""
        if finding.group_by == "sender":
            kept = self._by_sender.get(finding.sender or "", ())
        else:
            kept = self._by_domain.get(finding.domain, ())
        newest = list(kept)[-LOOKED_AT:]
        read = (decode_hit_or_tick(unpack(each.packed)) for each in newest)
        return mails_of(hit for hit in read if isinstance(hit, TypoHit) and of_finding(hit, finding, hits_of_rule))

    def _drop_oldest(self) -> None:
        oldest = self._order.popleft()
        for index, key in ((self._by_sender, oldest.sender), (self._by_domain, oldest.domain)):
            index[key].popleft()
            if not index[key]:
                del index[key]
        self._mails[oldest.mail] -= 1
        if not self._mails[oldest.mail]:
            del self._mails[oldest.mail]
