"""The hits per hour, for the charts."""

from __future__ import annotations

from streams.console.activity import HOUR_MS, HOURS, NAMES_AN_HOUR, SHORTEST, Activity
from tests.cli.finding import START_MS
from tests.console.samples import hit


def test_charts_count_mails_by_slip_domain_and_sender() -> None:
    activity = Activity()
    for each in (hit("1"), hit("2", slip="transposition"), hit("3", time=START_MS + 9 * HOUR_MS, sender="b@x.mil")):
        activity.count(each)
    charts = activity.charts(START_MS + 10 * HOUR_MS, 0)
    assert charts["total"] == 3
    assert charts["slips"] == [{"slip": "suffix-omission", "count": 2}, {"slip": "transposition", "count": 1}]
    assert charts["senders"][0] == {"sender": "desk@mod.gov.uk", "count": 2}
    assert charts["domains"] == [{"domain": "army.ml", "intended": "army.mil", "count": 3}]
    assert [hour["start_ms"] - START_MS for hour in charts["hours"]] == [7 * HOUR_MS, 9 * HOUR_MS]
    assert charts["end_ms"] - charts["start_ms"] == SHORTEST * HOUR_MS
    assert activity.charts(START_MS + 10 * HOUR_MS, START_MS + 8 * HOUR_MS)["total"] == 1


def test_charts_of_old_mail_show_its_last_days() -> None:
    activity = Activity()
    activity.count(hit("1"))
    assert activity.charts(START_MS + 400 * 24 * HOUR_MS, 0)["total"] == 1


def test_charts_are_bounded() -> None:
    activity = Activity()
    for number in range(NAMES_AN_HOUR + 50):
        activity.count(hit(str(number), sender=f"{number}@x.mil"))
    for hour in range(HOURS + 20):
        activity.count(hit(f"h{hour}", time=START_MS + hour * HOUR_MS))
    charts = activity.charts(START_MS + (HOURS + 20) * HOUR_MS, 0)
    assert len(charts["hours"]) <= HOURS
    assert charts["total"] == len(charts["hours"])


def test_charts_of_a_time_end_with_it() -> None:
    activity = Activity()
    for hour in range(5):
        activity.count(hit(str(hour), time=START_MS + hour * HOUR_MS))
    charts = activity.charts(START_MS + 9 * HOUR_MS, START_MS + HOUR_MS, START_MS + 3 * HOUR_MS)
    assert [hour["start_ms"] - START_MS for hour in charts["hours"]] == [HOUR_MS, 2 * HOUR_MS]
    assert charts["end_ms"] == START_MS + 3 * HOUR_MS


def test_charts_count_what_is_accepted_alone() -> None:
    activity = Activity()
    for each in (hit("1"), hit("2", sender="b@x.mil"), hit("3", sender="b@x.mil", slip="transposition")):
        activity.count(each)
    charts = activity.charts(START_MS + 10 * HOUR_MS, 0, accepts=lambda name, _: name.sender == "b@x.mil")
    assert (charts["total"], len(charts["slips"])) == (2, 2)
