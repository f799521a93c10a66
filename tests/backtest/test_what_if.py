"""What another threshold, or an allowed domain, would change."""

from __future__ import annotations

import orjson
import pytest

from streams.backtest.score import ScoringPlan
from streams.backtest.what_if import at_thresholds, if_allowed
from streams.domains.watchlist.watchlist import Allowed, Watchlist
from tests.backtest.history import events, plan
from tests.backtest.test_run import last_states, run

MADE = [orjson.dumps(event) for event in events(4_000, slips=0.05)]


@pytest.mark.fuzz
def test_the_predicted_effect_of_a_threshold_is_the_real_one() -> None:
    result, _ = run(MADE)
    for row in at_thresholds(result.totals, 0.5):
        again, _ = run(MADE, plan(scorer={"typo": row.threshold, "certain": 0.95}))
        assert (len(again.totals.domains), again.totals.mails) == (row.domains, row.mails), row


@pytest.mark.fuzz
def test_the_predicted_effect_of_an_allow_entry_is_the_real_one() -> None:
    result, alerts = run(MADE)
    used = plan()
    for row in if_allowed(result.totals, 3):
        allowed = {row.domain: Allowed(row.domain)}
        watchlist = Watchlist(used.watchlist.watched, allowed, used.watchlist.mistakes, {})
        again, fewer = run(MADE, ScoringPlan(used.settings, watchlist, used.groups))
        assert again.totals.mails == result.totals.mails - row.mails
        assert len(last_states(fewer)) == len(last_states(alerts)) - row.findings
