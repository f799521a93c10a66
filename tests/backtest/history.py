"""A year of made-up mail with slips of many kinds, and a watchlist for it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from streams.backtest.groups import SenderGroups
from streams.backtest.score import ScoringPlan
from streams.config import Settings
from streams.domains.watchlist.watchlist import Watchlist

BEGIN_MS = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp() * 1000)
YEAR_MS = 365 * 86_400_000
RIGHT = ("army.mil", "navy.mil", "us.af.mil", "nato.int", "mod.gov.uk", *(f"partner{i}.example.com" for i in range(99)))
WRONG = {"army.ml": 6, "navy.ml": 3, "us.af.ml": 2, "army.mi": 2, "army.mil.com": 1, "nato.imt": 2, "armymil.com": 1}
CANNOT_EXIST = (".mi", ".imt")
WATCHLIST = Watchlist(
    watched={"*.mil": None, "nato.int": None, "mod.gov.uk": None},
    allowed={},
    mistakes={"army.ml": "army.mil"},
    groups={},
)


def plan(groups: SenderGroups | None = None, **settings: Any) -> ScoringPlan:
    return ScoringPlan(Settings(**settings), WATCHLIST, groups or SenderGroups())


def events(count: int, *, seed: int = 3, slips: float = 0.006) -> Iterator[dict[str, Any]]:
    """Yields `count` events, spread over the year, in order."""
    rng = random.Random(seed)
    for number in range(count):
        to, delivery = [f"u{rng.randrange(9999)}@{rng.choice(RIGHT)}"], None
        if rng.random() < slips:
            to.append(f"u{rng.randrange(300)}@{rng.choices(list(WRONG), list(WRONG.values()))[0]}")
            bad = ["failed", "unknown"] if to[1].endswith(CANNOT_EXIST) else ["delivered", "failed", "deferred"]
            delivery = {to[0]: "delivered", to[1]: rng.choice(bad)}
        event = {
            "id": f"e{number}",
            "time": BEGIN_MS + YEAR_MS * number // count,
            "sender": f"smith{rng.randrange(180)}@{rng.choice(('hq', 'army'))}.mod.example",
            "recipients": to,
            "message_id": f"<{number}@mod.example>",
            "source": "made",
        }
        yield event if delivery is None else event | {"delivery": delivery}
