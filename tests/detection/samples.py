"""A detector over a small watchlist, and mail for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from streams.detection.detector import Detector
from streams.domains.scorer import Scorer
from streams.domains.settings import ScorerSettings
from streams.domains.watchlist.watchlist import Allowed, Group, Watchlist
from streams.events.mail import MailEvent
from streams.events.privacy import Privacy
from streams.severity import Severity

WATCHLIST = Watchlist(
    watched={"*.mil": None, "nato.int": "allies"},
    allowed={"army.cz": Allowed("army.cz")},
    mistakes={"army.ml": "army.mil", "natto.int": "nato.int"},
    groups={"allies": Group(Severity.HIGH)},
)


def detector_of_sample(monotonic: Callable[[], float] = lambda: 1.0) -> Detector:
    """A detector whose clock stands still by default, so that scoring takes 0 seconds."""
    return Detector(Scorer(WATCHLIST, ScorerSettings()), Privacy(b"key"), monotonic)


def mail(*recipients: str, sender: str = "a@mod.gov.uk", **fields: Any) -> MailEvent:
    return MailEvent(**{"id": "1", "time": 1, "sender": sender, "recipients": list(recipients), **fields})
