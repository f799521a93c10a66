"""A hit is added to the tallies of its windows."""

from dataclasses import replace

import pytest

from streams.events.hit import TypoHit
from streams.findings.context import CountContext
from streams.findings.count import count_hit, digest_hit
from streams.findings.log.records import HIT, hit_due, split_hit_key
from streams.findings.outcome import OutcomeBuilder
from streams.findings.rules import FindingPolicy, Rule
from streams.findings.store.digests import HIT_BYTES
from streams.findings.store.window_state import is_late, start_of
from streams.severity import Severity
from tests.findings.contexts import new_context, only_window
from tests.findings.samples import DAY_MS, HOUR_MS, MONDAY_MS, hit

LEVELS = ((1, Severity.LOW),)
BY_SENDER = Rule("by-sender", "sender", "mails", DAY_MS, LEVELS)
BY_DOMAIN = Rule("by-domain", "domain", "senders", 7 * DAY_MS, LEVELS)
POLICY = FindingPolicy((BY_SENDER,), grace_ms=HOUR_MS)
FINAL_MS = MONDAY_MS + DAY_MS + HOUR_MS
DROP_MS = FINAL_MS + DAY_MS


def count(context: CountContext, *hits: TypoHit, first_offset: int = 0) -> OutcomeBuilder:
    built = OutcomeBuilder(offset=len(hits) - 1, accounted_offset=-1)
    for offset, each in enumerate(hits, first_offset):
        count_hit(context, built, digest_hit(context.digests, each, offset))
    return built


def test_each_rule_that_matches_the_hit_counts_it_in_its_own_window() -> None:
    uncertain = replace(BY_SENDER, name="uncertain", hits="uncertain")
    context = new_context(replace(POLICY, rules=(BY_SENDER, BY_DOMAIN, uncertain)))
    built = count(context, hit(MONDAY_MS + 2 * DAY_MS + 5))
    windows = {context.windows.peek(key).final_ms: start_of(key) for key in context.windows}
    assert windows == {
        MONDAY_MS + 3 * DAY_MS + HOUR_MS: MONDAY_MS + 2 * DAY_MS,
        MONDAY_MS + 7 * DAY_MS + HOUR_MS: MONDAY_MS,
    }
    assert set(built.to_evaluate) == set(context.windows)
    assert [key[:1] for key, _ in built.records] == [HIT, HIT]


def test_its_record_has_the_window_the_hit_and_the_due_times() -> None:
    context = new_context(POLICY)
    counted = hit()
    ((key, value),) = count(context, counted).records
    assert split_hit_key(key) == (only_window(context).key, only_window(context).tally.packed()[:HIT_BYTES])
    assert hit_due(value or b"") == (FINAL_MS, DROP_MS)


def test_a_repeated_hit_counts_once_and_has_its_window_evaluated_again() -> None:
    context = new_context(POLICY)
    count(context, hit())
    built = count(context, hit())
    assert (built.records, list(built.to_evaluate), built.late) == ([], list(context.windows), 0)
    assert built.evidence(only_window(context).key) == [hit()]
    assert len(only_window(context).tally.units) == 1


def test_names_are_taken_from_the_hit() -> None:
    context = new_context(POLICY)
    built = count(context, hit(labels=["SECRET"]))
    window = only_window(context)
    assert window.names.sender == "desk7@mod.gov.uk"
    assert [domain.domain for domain in window.names.domains.values()] == ["army.ml"]
    assert list(window.names.labels) == ["SECRET"]
    assert built.renamed == {window.key}
    assert count(context, hit(labels=["SECRET"])).renamed == set()


def test_the_labels_of_a_refused_mail_are_left_out_until_it_is_accepted() -> None:
    context = new_context(POLICY)
    count(context, hit(labels=["SECRET"], delivery="rejected"))
    assert list(only_window(context).names.labels) == []
    built = count(context, hit(labels=["SECRET"], delivery="delivered"))
    assert list(only_window(context).names.labels) == ["SECRET"]
    assert built.renamed == {only_window(context).key}


def test_a_rule_by_domain_names_no_sender() -> None:
    context = new_context(replace(POLICY, rules=(BY_DOMAIN,)))
    count(context, hit())
    assert only_window(context).names.sender is None


def test_the_next_window_is_evaluated_too_since_its_peak_may_have_risen() -> None:
    context = new_context(POLICY)
    count(context, hit(MONDAY_MS + DAY_MS, id="next"))
    built = count(context, hit(MONDAY_MS, id="first"))
    assert set(built.to_evaluate) == set(context.windows)
    assert sorted(len(hits) for hits in built.to_evaluate.values()) == [0, 1]


@pytest.mark.parametrize(("watermark_ms", "late"), [(None, 0), (FINAL_MS, 0), (DROP_MS - 1, 0), (DROP_MS, 1)])
def test_a_hit_is_late_once_its_window_is_dropped(watermark_ms: int | None, late: int) -> None:
    context = new_context(POLICY, watermark_ms)
    built = count(context, hit())
    window = only_window(context)
    assert (built.late, is_late(window.key)) == (late, bool(late))
    assert start_of(window.key) == MONDAY_MS
    assert window.final_ms == (DROP_MS + HOUR_MS if late else FINAL_MS)


def test_late_hits_of_a_window_are_counted_together() -> None:
    context = new_context(POLICY, DROP_MS)
    built = count(context, hit(MONDAY_MS, id="one"), hit(MONDAY_MS + 1, id="two", message_id="<2>"))
    assert built.late == 2
    assert len(only_window(context).tally.units) == 2


def test_a_replayed_late_hit_is_not_counted_again() -> None:
    context = new_context(POLICY, DROP_MS)
    context.accounted_offset = 7
    built = count(context, hit(), first_offset=7)
    assert (built.late, built.records, len(context.windows)) == (0, [], 0)
    assert count(context, hit(), first_offset=8).late == 1


def test_an_id_that_comes_with_another_content_has_another_record() -> None:
    context = new_context(POLICY)
    built = count(context, hit(), hit(delivery="delivered"))
    assert len({key for key, _ in built.records}) == 2


def test_beyond_max_mails_nothing_is_counted() -> None:
    context = new_context(replace(POLICY, max_mails=2))
    built = count(context, *(hit(MONDAY_MS + at, message_id=f"<{at}>") for at in range(5)))
    assert len(built.records) == 2
    assert only_window(context).tally.count_is_minimum
