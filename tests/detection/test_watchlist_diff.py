"""Comparing what two watchlists flag in the same mail."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from streams.detection.detector import Detector
from streams.detection.own_mail import OwnMail
from streams.detection.watchlist_diff import Difference, differences
from streams.domains.scorer import Scorer
from streams.domains.thresholds import PlainThresholds
from streams.domains.watchlist.watchlist import Watchlist
from streams.events.mail import MailEvent
from streams.events.privacy import Privacy
from tests.backtest.test_suggest import mail
from tests.backtest.test_watchlist_lint import load


def compare(
    events: Sequence[MailEvent], old: Watchlist, new: Watchlist, own_domains: tuple[str, ...] = ()
) -> list[Difference]:
    before, after = (Detector(Scorer(each, PlainThresholds()), Privacy(b"k"), lambda: 0.0) for each in (old, new))
    return differences(events, before, after, OwnMail(own_domains))


def test_differences(tmp_path: Path) -> None:
    old = load(tmp_path, "watched: ['*.mil']\nmistakes: {nato.imt: nato.int}")
    new = load(tmp_path, "watched: ['*.mil', nato.int]\nallowed: [army.ml]\nmistakes: {navy.ml: navy.mil}")
    events = [
        *mail("army.ml", 3),
        *mail("navy.ml", 2),
        *mail("nato.imt", 4),
        *mail("nato.itn", 5, senders=2),
        *mail("army.mil", 6),
    ]
    found = {one.domain: one for one in compare(events, old, new)}
    assert {domain: (one.change, one.mails, len(one.senders)) for domain, one in found.items()} == {
        "nato.itn": ("gained", 5, 2),
        "army.ml": ("lost", 3, 3),
    }
    assert found["army.ml"].old is not None
    assert found["army.ml"].new is None
    assert compare(events, old, old) == []


def test_only_own_mail_counts(tmp_path: Path) -> None:
    old, new = load(tmp_path, "watched: [nato.int]"), load(tmp_path, "watched: ['*.mil']")
    assert compare(mail("army.ml", 3), old, new, own_domains=("elsewhere.example",)) == []
