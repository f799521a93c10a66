"""A window that may have changed is evaluated, and published if that is worth an alert."""

from dataclasses import replace

from streams.events.alert import encode_alert
from streams.events.alert_view import read_alert
from streams.events.finding import CLOSE, FINAL
from streams.events.hit import Tick, TypoHit
from streams.findings.context import CountContext
from streams.findings.count import count_hit, digest_hit
from streams.findings.evaluate import evaluate, evaluate_all, note_growth
from streams.findings.log.records import FINDING, HIT, NAMES, decode_finding
from streams.findings.outcome import OutcomeBuilder
from streams.findings.rules import FindingPolicy, Rule
from streams.severity import Severity
from tests.findings.contexts import new_context, only_window
from tests.findings.samples import DAY_MS, HOUR_MS, MONDAY_MS, hit

RULE = Rule("some", "sender", "mails", DAY_MS, ((1, Severity.LOW), (3, Severity.HIGH)))
POLICY = FindingPolicy((RULE,), grace_ms=HOUR_MS)


def count(context: CountContext, *hits: TypoHit, offset: int = 0) -> OutcomeBuilder:
    """Count the hits and evaluate their windows."""
    built = OutcomeBuilder(offset, accounted_offset=-1)
    for each in hits:
        count_hit(context, built, digest_hit(context.digests, each, offset))
    built.records.clear()
    evaluate_all(context, built)
    return built


def mail(number: int, **given: object) -> TypoHit:
    return hit(MONDAY_MS + number, message_id=f"<{number}>", **given)


def test_an_alert_has_a_record_of_its_finding() -> None:
    context = new_context(POLICY)
    built = count(context, mail(1), offset=42)
    window = only_window(context)
    ((key, value),) = built.records
    record = decode_finding(value or b"")
    assert (key, record.offset, record.final_ms) == (FINDING + window.key, 42, window.final_ms)
    (state,) = built.states
    view = read_alert(encode_alert(state))
    assert (view.uid, view.sequence, view.activity, view.count) == (record.state.uid, 1, "create", 1)
    assert built.alerted == {window.key}
    assert window.last_alert == record.last_alert()
    assert context.open_findings[RULE.name] == 1


def test_a_change_that_is_not_worth_an_alert_writes_nothing() -> None:
    context = new_context(POLICY)
    count(context, mail(1), mail(2))
    built = count(context, mail(2))
    assert (built.records, built.states, built.alerted) == ([], [], set())


def test_names_are_stored_until_they_are_in_an_alert() -> None:
    context = new_context(replace(POLICY, rules=(replace(RULE, levels=((3, Severity.LOW),)),)))
    built = count(context, mail(1))
    assert [key[:1] for key, _ in built.records] == [NAMES]
    assert (built.states, only_window(context).has_names_record) == ([], True)


def test_an_unknown_window_is_ignored() -> None:
    context, built = new_context(POLICY), OutcomeBuilder(0, -1)
    evaluate(context, built, b"nowhere")
    assert (built.records, built.states) == ([], [])


def test_a_finding_is_final_when_the_watermark_has_passed_its_window() -> None:
    context = new_context(POLICY)
    count(context, mail(1))
    window = only_window(context)
    context.watermark.ms = window.final_ms
    built = OutcomeBuilder(9, -1)
    evaluate(context, built, window.key)
    (state,) = built.states
    assert read_alert(encode_alert(state)).window == FINAL
    assert context.open_findings[RULE.name] == 0


def test_hits_of_a_domain_that_became_allowed_are_removed_and_the_finding_is_withdrawn() -> None:
    context = new_context(POLICY)
    count(context, mail(1), mail(2))
    window = only_window(context)
    context.policy = replace(POLICY, is_allowed=lambda domain: domain == "army.ml")
    built = OutcomeBuilder(9, -1)
    evaluate(context, built, window.key)
    assert sorted(key[:1] for key, value in built.records if value is None) == [HIT, HIT]
    assert (window.last_alert.activity if window.last_alert else None, len(window.tally)) == (CLOSE, 0)
    (state,) = built.states
    view = read_alert(encode_alert(state))
    assert (view.activity, view.count, [domain.domain for domain in view.domains]) == ("close", 2, ["army.ml"])
    assert context.open_findings[RULE.name] == 0


def test_a_finding_with_other_domains_left_is_published_again() -> None:
    context = new_context(POLICY)
    count(context, mail(1), mail(2, domain="navy.ml"))
    context.policy = replace(POLICY, is_allowed=lambda domain: domain == "army.ml")
    built = OutcomeBuilder(9, -1)
    evaluate(context, built, only_window(context).key)
    (state,) = built.states
    view = read_alert(encode_alert(state))
    assert (view.activity, view.count, [domain.domain for domain in view.domains]) == ("update", 1, ["navy.ml"])


def test_a_peak_over_two_windows_counts() -> None:
    """Two mails before midnight and one after it are three in a day."""
    context = new_context(POLICY)
    before = [hit(MONDAY_MS + DAY_MS - at, message_id=f"<{at}>") for at in (1, 2)]
    count(context, *before)
    built = count(context, hit(MONDAY_MS + DAY_MS, message_id="<after>"))
    (state,) = built.states
    view = read_alert(encode_alert(state))
    assert (view.count, view.severity, view.activity) == (1, Severity.HIGH, "create")


def test_a_peak_that_rises_is_seen_where_the_count_alone_says_nothing_new() -> None:
    context = new_context(replace(POLICY, rules=(replace(RULE, levels=((1, Severity.LOW), (5, Severity.HIGH))),)))
    midnight = MONDAY_MS + DAY_MS
    count(context, *(hit(midnight - at, message_id=f"<before {at}>") for at in range(1, 5)))
    count(context, *(hit(midnight + DAY_MS - at, message_id=f"<late {at}>") for at in (1, 2)))
    (state,) = count(context, hit(midnight, message_id="<midnight>")).states
    view = read_alert(encode_alert(state))
    assert (view.count, view.severity, view.activity) == (3, Severity.HIGH, "update")


def test_growth_without_an_alert_is_due_a_minute_after_the_hit() -> None:
    context = new_context(POLICY)
    for known in (mail(1), mail(2), mail(3), mail(4)):
        note_growth(context, count(context, known))
    assert not context.freshness.is_due()
    context.freshness.update(Tick({"0": 0}, 1))
    grown = count(context, mail(5))
    context.freshness.update(Tick({"0": 60_000}, 1))
    note_growth(context, grown)
    key = context.freshness.take()
    assert key == only_window(context).key
    evaluate(context, grown, key, is_stale=True)
    (state,) = grown.states
    assert (read_alert(encode_alert(state)).count, read_alert(encode_alert(state)).is_alert) == (5, False)


def test_a_window_without_a_finding_is_never_stale() -> None:
    context = new_context(replace(POLICY, rules=(replace(RULE, levels=((9, Severity.LOW),)),)))
    note_growth(context, count(context, mail(1)))
    context.freshness.update(Tick({"0": 0}, 1))
    context.freshness.update(Tick({"0": DAY_MS}, 1))
    assert context.freshness.take() is None
