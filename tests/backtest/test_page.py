"""What the pages of a backtest and of a week share."""

from __future__ import annotations

from streams.backtest.domains import Totals
from streams.backtest.groups import SenderGroups
from streams.backtest.page import leak_charts
from tests.cli.finding import DAY_MS, START_MS
from tests.cli.hits.test_run import hit

DAYS = (START_MS // DAY_MS, START_MS // DAY_MS + 6)


def totals(domains: int) -> Totals:
    found = Totals()
    for number in range(domains):
        found.add(hit(number, f"m{number}", domain=f"army{number}.ml"), "mod.gov.uk")
    return found


def test_groups_have_their_share_of_all_mail_where_that_is_known() -> None:
    drawn = leak_charts(totals(2), DAYS, SenderGroups(), {"mod.gov.uk": 4_000})
    assert "(5.0 in 10,000)" in drawn["groups"].wide
    assert "in 10,000" not in leak_charts(totals(2), DAYS, SenderGroups(), {})["groups"].wide
