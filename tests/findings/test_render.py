"""Windows and decisions are rendered as the states of findings."""

from dataclasses import replace

import pytest
from msgspec import structs

from streams.domains.watchlist.watchlist import Group
from streams.events.finding import CLOSE, CREATE, FINAL, LATE, OPEN, UPDATE, Evidence
from streams.findings.context import CountContext
from streams.findings.decide import Assessment, Decision
from streams.findings.render import (
    MAX_EVIDENCE_RECIPIENTS,
    AlertContent,
    WindowSummary,
    as_published,
    record_of,
    summary_of,
)
from streams.findings.rules import FindingPolicy, UpdatePolicy
from streams.findings.store.window_state import WindowState, window_key
from streams.findings.store.window_store import WindowStore
from streams.findings.watermark import Watermark
from streams.severity import Severity
from tests.findings.samples import DAY_MS, MONDAY_MS, hit
from tests.findings.store.samples import DIGEST, RULE, filled
from tests.findings.worker import DIGESTS

POLICY = FindingPolicy((RULE,), groups={"allies": Group(Severity.HIGH, "allies@x.org", "https://x.org/run")})
CONTEXT = CountContext(POLICY, DIGESTS, {}, WindowStore({}), Watermark())
NOW = Assessment(Severity.HIGH, 5, 6, 1, 2, 3, count_is_minimum=True, window=OPEN, accepted_peak=0)
SUMMARY = WindowSummary([hit(group="allies").mistaken_domain], ["SECRET"], MONDAY_MS + 7, MONDAY_MS + 9)


def fresh() -> WindowState:
    """A window that was never published."""
    window = filled()
    window.last_alert = None
    return window


def content(activity: int = CREATE, now: Assessment = NOW) -> AlertContent:
    return AlertContent(Decision(activity, is_alert=True), now, SUMMARY, [hit()])


def test_a_new_finding_has_the_figures_the_names_and_the_owner() -> None:
    window = fresh()
    record = record_of(window, content(), CONTEXT, 42)
    state = record.state
    assert (record.offset, record.label_floor, record.final_ms, record.drop_ms) == (
        42,
        3,
        window.final_ms,
        window.drop_ms,
    )
    assert (state.count, state.peak, state.delivered_count, state.domain_count) == (5, 6, 1, 2)
    assert (state.start_ms, state.end_ms) == (MONDAY_MS, MONDAY_MS + RULE.window_ms)
    assert (state.first_seen_ms, state.last_seen_ms, state.created_ms) == (MONDAY_MS + 7, MONDAY_MS + 9, MONDAY_MS + 9)
    assert (state.sequence, state.activity, state.severity) == (1, CREATE, Severity.HIGH)
    assert (state.owner, state.runbook_url) == ("allies@x.org", "https://x.org/run")
    assert (state.sender, state.labels, state.late) == ("desk7@mod.gov.uk", ["SECRET"], False)


def test_a_later_state_has_the_same_uid_and_the_next_sequence() -> None:
    first = record_of(fresh(), content(), CONTEXT, 1)
    window = filled()
    window.last_alert = first.last_alert()
    later = structs.replace(content(UPDATE), summary=structs.replace(SUMMARY, last_ms=MONDAY_MS + 99))
    second = record_of(window, later, CONTEXT, 2)
    assert second.state.uid == first.state.uid
    assert (second.state.sequence, second.state.created_ms, second.state.last_seen_ms) == (
        2,
        first.state.created_ms,
        MONDAY_MS + 99,
    )


@pytest.mark.parametrize(("first", "published"), [(1, 2), (2, 2), (9, 9)])
def test_no_sequence_is_below_the_first_one_of_the_state(first: int, published: int) -> None:
    window = filled()
    window.last_alert = record_of(fresh(), content(), CONTEXT, 1).last_alert()
    assert record_of(window, content(UPDATE), replace(CONTEXT, first_sequence=first), 2).state.sequence == published


@pytest.mark.parametrize(
    ("activity", "window", "time_ms"),
    [
        (UPDATE, OPEN, MONDAY_MS + 9),
        (UPDATE, LATE, MONDAY_MS + 9),
        (UPDATE, FINAL, filled().final_ms),
        (CLOSE, OPEN, 0),
    ],
)
def test_the_time_is_an_event_time_never_the_clocks(activity: int, window: str, time_ms: int) -> None:
    """A withdrawal has the time of the last alert."""
    record = record_of(filled(), content(activity, structs.replace(NOW, window=window)), CONTEXT, 1)
    assert record.state.time_ms == time_ms


def test_the_recipients_of_an_evidence_are_bounded() -> None:
    many = [f"r{number:03}@army.ml" for number in range(MAX_EVIDENCE_RECIPIENTS + 9)]
    shown = structs.replace(content(), hits=[hit(recipients=many, message_id="<1>", size=7, subject="Plan")])
    (evidence,) = record_of(fresh(), shown, CONTEXT, 1).state.evidences
    assert evidence == Evidence(
        "desk7@mod.gov.uk", many[:MAX_EVIDENCE_RECIPIENTS], "<1>", 7, "Plan", MONDAY_MS, "unknown"
    )


@pytest.mark.parametrize(("before", "left_out"), [(None, 29), (0, 29), (12, 17), (30, 0), (40, 0), (-1, 0)])
def test_evidences_say_how_many_mails_since_the_last_alert_they_leave_out(before: int | None, left_out: int) -> None:
    """-1 is a state of an earlier version, which doesn't say how many there were."""
    window, grown = fresh(), structs.replace(content(), now=structs.replace(NOW, hits=30))
    if before is not None:
        published = record_of(window, structs.replace(content(), now=structs.replace(NOW, hits=before)), CONTEXT, 1)
        window.last_alert = published.last_alert()
    assert record_of(window, grown, CONTEXT, 2).state.evidences_left_out == left_out


def test_updates_without_news_make_the_count_a_minimum_until_it_is_final() -> None:
    context = replace(CONTEXT, policy=replace(POLICY, updates=UpdatePolicy(quick=2)))
    window, exact = fresh(), structs.replace(NOW, count_is_minimum=False)
    growth = Decision(UPDATE, is_alert=False, only_grew=True)
    seen = []
    for decision, now in [
        (Decision(CREATE, is_alert=True), exact),
        (growth, exact),
        (growth, exact),
        (Decision(UPDATE, is_alert=True), exact),
        (Decision(UPDATE, is_alert=False), structs.replace(exact, window=FINAL)),
        (growth, structs.replace(NOW, window=FINAL)),
    ]:
        record = record_of(window, structs.replace(content(now=now), decision=decision), context, 1)
        window.last_alert = record.last_alert()
        assert window.last_alert.count_is_minimum == now.count_is_minimum
        seen.append((record.updates, record.state.count_is_minimum))
    assert seen == [(0, False), (1, False), (2, True), (2, True), (2, False), (3, True)]


def test_a_finding_without_a_level_is_informational() -> None:
    assert record_of(filled(), content(CLOSE, structs.replace(NOW, severity=None)), CONTEXT, 1).state.severity == 1


def test_the_summary_has_the_first_and_the_last_time() -> None:
    window = filled()
    shown = summary_of(window)
    assert (shown.domains, shown.labels) == ([hit(group="allies").mistaken_domain], ["SECRET"])
    assert (shown.first_ms, shown.last_ms) == window.tally.first_and_last_ms()


def test_the_summary_of_an_empty_window_has_the_time_of_its_last_alert_or_its_start() -> None:
    window = WindowState(window_key(DIGEST, bytes(16), MONDAY_MS), RULE, MONDAY_MS + 2 * DAY_MS, MONDAY_MS + 3 * DAY_MS)
    assert (summary_of(window).first_ms, summary_of(window).last_ms) == (MONDAY_MS, MONDAY_MS)
    window.last_alert = record_of(fresh(), content(), CONTEXT, 1).last_alert()
    assert summary_of(window).first_ms == MONDAY_MS + 9


def test_a_withdrawal_has_the_figures_published_last() -> None:
    last = record_of(fresh(), content(), CONTEXT, 1).last_alert()
    nothing = Assessment(None, 0, 0, 0, 0, 0, count_is_minimum=False, window=FINAL, accepted_peak=0)
    assert as_published(last, nothing) == structs.replace(NOW, window=FINAL, accepted_peak=0)
