"""What a false alarm offers: the exact lines that would silence its domain, and what each would change. Files are left
to people."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from streams import clock
from streams.detection.detector import Detector
from streams.detection.own_mail import OwnMail
from streams.detection.watchlist_diff import Difference, differences
from streams.domains.scorer import Scorer
from streams.domains.thresholds import Thresholds
from streams.domains.watchlist.watchlist import Allowed, Watchlist
from streams.events.hit import TypoHit
from streams.events.mail import MailEvent
from streams.events.privacy import Privacy

LOOK_BACK_MS = 30 * 86_400_000
"""How far back the effect of a line is looked up; hits are kept for `topics.hits_days`."""
ALLOWED_DAYS = 365
"""For how long the offered line allows the domain: entries without an end are forgotten."""
NO_SECRET = Privacy(b"none")
"""The hits are masked already, and nothing of what is compared here is published."""
_is_plain = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?").fullmatch


@dataclass(frozen=True)
class Judging:
    """What domains are judged by: the watchlist and the scorer's settings."""

    watchlist: Watchlist
    thresholds: Thresholds

    @cached_property
    def scorer(self) -> Scorer:
        """The scorer of today, which a long watchlist takes a while to make."""
        return Scorer(self.watchlist, self.thresholds)


@dataclass(frozen=True, slots=True)
class LineEffects:
    """What two lines would change about a domain and the names under it: `allowed` the line of the watchlist, `known`
    that of the file of known domains. `mails` counts the hits since `since_ms` (ms since the epoch) that they could
    concern."""

    since_ms: int
    mails: int
    allowed: list[Difference]
    known: list[Difference]


def allowed_line(entry: Allowed) -> str:
    """The entry as a line below `allowed` in a watchlist."""
    parts = [f"domain: {entry.domain if _is_plain(entry.domain) else _quoted(entry.domain)}"]
    parts += [f"{name}: {_quoted(text)}" for name, text in (("reason", entry.reason), ("owner", entry.owner)) if text]
    parts += [f"until: {entry.until.isoformat()}"] if entry.until is not None else []
    return f"  - {{{', '.join(parts)}}}"


def concerns(domain: str, hit: TypoHit, since_ms: int) -> bool:
    """Whether lines for the domain could change this hit."""
    return hit.time >= since_ms and (hit.domain == domain or hit.domain.endswith(f".{domain}"))


def line_effects(domain: str, hits: Iterable[TypoHit], judging: Judging, *, since_ms: int) -> LineEffects:
    """What the lines for a domain would change about these hits, judged again by their domains alone; the memory and
    DNS are left out."""
    events = [_mail(hit) for hit in hits if concerns(domain, hit, since_ms)]
    watchlist = judging.watchlist
    with_entry = replace(watchlist, allowed={**watchlist.allowed, domain: Allowed(domain)})
    return LineEffects(
        since_ms,
        len(events),
        allowed=_changes(events, judging.scorer, Scorer(with_entry, judging.thresholds)),
        known=_changes(events, judging.scorer, Scorer(watchlist, judging.thresholds, known=frozenset({domain}))),
    )


def until_day(today: date) -> date:
    """The last day of the offered line."""
    return date.fromordinal(today.toordinal() + ALLOWED_DAYS)


def _changes(events: Sequence[MailEvent], present: Scorer, changed: Scorer) -> list[Difference]:
    before, after = (Detector(each, NO_SECRET, clock.monotonic) for each in (present, changed))
    return differences(events, before, after, OwnMail([]))


def _mail(hit: TypoHit) -> MailEvent:
    """The part of a hit's mail that is known here."""
    return MailEvent(id=hit.event_id, time=hit.time, sender=hit.sender, recipients=list(hit.recipients))


def _quoted(text: str) -> str:
    """A text as JSON writes it, which is valid YAML."""
    return json.dumps(text, ensure_ascii=False)
