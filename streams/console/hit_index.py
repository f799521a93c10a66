"""The newest typo hits, by sender and by mistaken domain, to show the mails of a finding."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

from streams.console.compress import pack, unpack
from streams.events.alert_view import AlertView
from streams.events.hit import HitKind, TypoHit, decode_hit_or_tick
from streams.events.mail_join import mails_of, of_finding

HITS_DECODED = 2_000
"""Hits of a sender or domain that are decoded for one finding, the newest: each takes about 10 us."""


class _PackedHit(NamedTuple):
    sender: str
    domain: str
    mail: int
    packed: bytes


class HitIndex:
    """The newest `limit` hits, in order of arrival."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._order: deque[_PackedHit] = deque()
        self._by_sender: dict[str, deque[_PackedHit]] = {}
        self._by_domain: dict[str, deque[_PackedHit]] = {}
        self._mails: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._order)

    def put(self, hit: TypoHit, value: bytes) -> bool:
        """Store a hit; True where no stored hit has its mail and its domain."""
        mail = hash((hit.mail, hit.domain))
        packed = _PackedHit(hit.sender, hit.domain, mail, pack(value))
        self._order.append(packed)
        self._by_sender.setdefault(hit.sender, deque()).append(packed)
        self._by_domain.setdefault(hit.domain, deque()).append(packed)
        count = self._mails[mail] = self._mails.get(mail, 0) + 1
        if len(self._order) > self._limit:
            self._drop_oldest()
        return count == 1

    def mails(self, finding: AlertView, hits_of_rule: Mapping[str, HitKind]) -> list[TypoHit]:
        """The finding's known mails, oldest first: one hit for each mail and mistaken domain."""
        if finding.group_by == "sender":
            hits = self._by_sender.get(finding.sender or "", ())
        else:
            hits = self._by_domain.get(finding.domain, ())
        newest = list(hits)[-HITS_DECODED:]
        decoded = (decode_hit_or_tick(unpack(each.packed)) for each in newest)
        return mails_of(hit for hit in decoded if isinstance(hit, TypoHit) and of_finding(hit, finding, hits_of_rule))

    def to_domain(self, domain: str) -> list[TypoHit]:
        """The newest hits to a mistaken domain and to names under it, at most HITS_DECODED."""
        names = [name for name in self._by_domain if name == domain or name.endswith(f".{domain}")]
        packed = [each for name in names for each in self._by_domain[name]][-HITS_DECODED:]
        decoded = (decode_hit_or_tick(unpack(each.packed)) for each in packed)
        return [hit for hit in decoded if isinstance(hit, TypoHit)]

    def _drop_oldest(self) -> None:
        oldest = self._order.popleft()
        for index, key in ((self._by_sender, oldest.sender), (self._by_domain, oldest.domain)):
            index[key].popleft()
            if not index[key]:
                del index[key]
        self._mails[oldest.mail] -= 1
        if not self._mails[oldest.mail]:
            del self._mails[oldest.mail]
