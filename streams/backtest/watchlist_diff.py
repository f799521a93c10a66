"""What two watchlists make of the same mail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from streams.config import Settings
from streams.detection.detector import Judge
from streams.detection.own_mail import own_mail
from streams.domains.scorer import Scorer
from streams.domains.verdict import Verdict
from streams.domains.watchlist.watchlist import Watchlist
from streams.events.mail import MailEvent

Change = Literal["gained", "lost", "changed"]


@dataclass(slots=True)
class Difference:
    """A domain that one of them flags and the other doesn't, or that they flag otherwise. `mails` counts events."""

    domain: str
    change: Change
    old: Verdict | None
    new: Verdict | None
    mails: int = 0
    senders: set[int] = field(default_factory=set)


def differences(events: Iterable[MailEvent], old: Watchlist, new: Watchlist, settings: Settings) -> list[Difference]:
    """Every difference that shows in these events, the one of most mails first."""
    privacy = settings.privacy.privacy()
    judges = [Judge(Scorer(watchlist, settings.scorer), privacy) for watchlist in (old, new)]
    is_ours = own_mail(settings.own_domains)
    found: dict[tuple[str, Change], Difference] = {}
    for event in events:
        if event.is_bounce or (is_ours is not None and not is_ours(event)):
            continue
        before, after = (judge.typos(event) for judge in judges)
        if before or after:
            for domain in before.keys() | after.keys():
                _note(found, event, before.get(domain), after.get(domain))
    return sorted(found.values(), key=lambda one: (-one.mails, one.domain, one.change))


def _note(
    found: dict[tuple[str, Change], Difference], event: MailEvent, old: Verdict | None, new: Verdict | None
) -> None:
    told = new or old
    if told is None or (old is not None and new is not None and _same(old, new)):
        return
    change: Change = "gained" if old is None else "lost" if new is None else "changed"
    known = found.setdefault((told.domain, change), Difference(told.domain, change, old, new))
    known.mails += 1
    known.senders.add(hash(event.sender))


def _same(old: Verdict, new: Verdict) -> bool:
    return (old.intended, old.certain) == (new.intended, new.certain)
