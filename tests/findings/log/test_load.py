"""A restored state continues where the records end, whichever worker wrote them."""

from dataclasses import replace

import pytest

from streams.events.alert import Alert
from streams.events.hit import Tick, TypoHit
from streams.findings.log import load as load_module
from streams.findings.log.records import Record, UnreadableStateError
from streams.findings.outcome import Outcome
from streams.findings.settings import FindingsSettings
from streams.findings.state import PartitionState
from tests.findings.samples import DAY_MS, MONDAY_MS, hit, tick
from tests.findings.test_state import DROP_MS, FINAL_MS, mail
from tests.findings.worker import DIGESTS, compacted

POLICY = FindingsSettings().policy()


def apply(state: PartitionState, *batch: TypoHit | Tick, offset: int = 0) -> list[Outcome]:
    return list(state.apply(batch, first_offset=offset, last_offset=offset + len(batch) - 1))


def records(outcomes: list[Outcome]) -> list[Record]:
    return [record for outcome in outcomes for record in outcome.records]


def alerts(outcomes: list[Outcome]) -> list[Alert]:
    return [alert for outcome in outcomes for alert in outcome.alerts]


def load(written: list[Record], start_offset: int) -> PartitionState:
    return PartitionState.load(POLICY, DIGESTS, "sender", written, start_offset)


def fresh() -> PartitionState:
    return PartitionState(POLICY, DIGESTS, "sender")


def test_an_alert_that_may_not_have_been_delivered_is_sent_again_with_the_same_bytes() -> None:
    first = apply(fresh(), mail(1), mail(2))
    again = apply(load(records(first), 0), mail(1), mail(2))
    assert [alert.value for alert in alerts(again)] == [alert.value for alert in alerts(first)]
    assert [alert.repeated for alert in alerts(again)] == [True]
    assert records(again) == []


def test_the_alerts_of_a_committed_batch_are_not_sent_again() -> None:
    first = apply(fresh(), mail(1), mail(2))
    assert alerts(apply(load(records(first), 2), tick(MONDAY_MS), offset=2)) == []


def test_a_watermark_of_a_worker_that_had_lost_its_partition_is_skipped() -> None:
    state = fresh()
    earlier, later = (
        records(apply(state, tick(time_ms), offset=at)) for at, time_ms in enumerate((MONDAY_MS, DROP_MS))
    )
    assert load([*earlier, *later, *earlier], 2).watermark_ms == DROP_MS


def test_a_restored_state_continues_like_the_original() -> None:
    state = fresh()
    written = records(apply(state, mail(1), mail(2)))
    loaded = load(written, 2)
    assert loaded.findings_open() == state.findings_open() == {"sender-typo-hits": 1}
    ahead = [apply(one, mail(3), mail(1, delivery="delivered"), tick(FINAL_MS), offset=2) for one in (state, loaded)]
    assert ahead[0] == ahead[1]


def test_hits_without_their_finding_are_published_when_they_are_read_again() -> None:
    first = apply(fresh(), mail(1), mail(2))
    hits_alone = [record for record in records(first) if record[0][:1] == b"h"]
    again = apply(load(hits_alone, 0), mail(1))
    assert [alert.activity for alert in alerts(again)] == ["create"]
    assert [key[:1] for key, _ in records(again)] == [b"f", b"c"]


def test_hits_without_all_their_names_wait_for_them() -> None:
    first = apply(fresh(), mail(1), mail(2, domain="navy.ml"))
    hits_alone = [record for record in records(first) if record[0][:1] == b"h"]
    state = load(hits_alone, 0)
    assert alerts(apply(state, mail(1))) == []
    assert [alert.activity for alert in alerts(apply(state, mail(2, domain="navy.ml"), offset=1))] == ["create"]


def test_names_that_are_not_in_an_alert_are_restored() -> None:
    state = fresh()
    written = records(apply(state, *(mail(number) for number in range(5))))
    written += records(apply(state, mail(5, labels=["PUBLIC"]), mail(6, labels=["INTERNAL"]), offset=5))
    ends = [apply(one, tick(FINAL_MS), offset=7) for one in (state, load(written, 7))]
    assert ends[0] == ends[1]
    assert b'"labels":["PUBLIC","INTERNAL"]' in alerts(ends[0])[0].value


def test_a_record_of_a_worker_that_lost_its_partition_changes_nothing() -> None:
    state = fresh()
    early = records(apply(state, mail(1)))
    late = records(apply(state, mail(2), offset=1))
    loaded = load([*early, *late, *early], 2)
    (alert,) = alerts(apply(loaded, mail(3), offset=2))
    assert b'"sequence":3' in alert.value


def test_a_deleted_hit_is_removed_even_if_it_was_written_twice() -> None:
    written = records(apply(fresh(), mail(1), mail(2), mail(3)))
    deletion: list[Record] = [(written[0][0], None)]
    (alert,) = alerts(apply(load([*written, *written[:2], *deletion], 3), mail(4), tick(FINAL_MS), offset=3))
    assert b'"count":3' in alert.value
    restored = load([*written, *deletion, written[0]], 3)
    assert b'"count":4' in alerts(apply(restored, mail(4), tick(FINAL_MS), offset=3))[0].value


def test_a_hit_that_is_accounted_for_is_not_late() -> None:
    state = fresh()
    written = records(apply(state, mail(1), tick(DROP_MS)))
    assert {key for key, _ in compacted(written)} == {b"c", b"w"}
    again = apply(load(written, 0), mail(1), mail(2))
    assert (records(again), alerts(again), [outcome.late for outcome in again]) == ([], [], [0])


def test_a_hit_after_the_accounted_offset_is_late() -> None:
    written = records(apply(fresh(), mail(1), tick(DROP_MS)))
    again = apply(load(written, 1), tick(DROP_MS), mail(2), offset=1)
    assert [outcome.late for outcome in again] == [1]


@pytest.mark.parametrize("lost", range(1, 4))
def test_an_interrupted_drop_is_finished_and_the_window_counts_no_more(lost: int) -> None:
    written = records(apply(fresh(), mail(1), mail(2), tick(DROP_MS)))[:-lost]
    state = load(written, 3)
    finished = apply(state, mail(3), offset=3)
    assert [alert.activity for alert in alerts(finished)] == ["create"]
    assert [outcome.late for outcome in finished] == [1]
    kept = compacted([*written, *records(finished)])
    assert sorted(key[:1] for key, _ in kept) == [b"c", b"f", b"h", b"w"]


def test_records_of_a_removed_rule_are_kept_until_they_are_due() -> None:
    other = FindingsSettings.model_validate(
        {"rules": [{"name": "removed", "group_by": "sender", "window": "24h", "levels": {1: "low", 3: "high"}}]}
    ).policy()
    old = PartitionState(other, DIGESTS, "sender")
    written = records(apply(old, mail(1), mail(2)))
    written += records(apply(old, mail(3, labels=["PUBLIC"]), mail(3, delivery="delivered"), offset=2))
    written.append((written[0][0], None))
    state = load(written, 4)
    assert state.findings_open() == {"sender-typo-hits": 0}
    assert [key for key, _ in records(apply(state, tick(DROP_MS - 1), offset=4))] == [b"c", b"w"]
    dropped = [key for key, value in records(apply(state, tick(DROP_MS), offset=5)) if value is None]
    assert sorted(dropped) == sorted({key for key, _ in written[:-1]} - {written[0][0], b"c"})


def test_a_rule_with_other_levels_is_the_same_rule() -> None:
    written = records(apply(fresh(), mail(1)))
    stricter = replace(POLICY, rules=(replace(POLICY.rules[0], levels=((1, POLICY.rules[0].levels[2][1]),)),))
    state = PartitionState.load(stricter, DIGESTS, "sender", written, 1)
    (alert,) = alerts(apply(state, mail(1), offset=1))
    assert (alert.activity, alert.severity.word) == ("update", "high")


def test_late_findings_are_restored_as_late() -> None:
    state = fresh()
    written = records(apply(state, tick(DROP_MS), mail(1)))
    ends = [apply(one, mail(2), tick(DROP_MS + DAY_MS), offset=2) for one in (state, load(written, 2))]
    assert ends[0] == ends[1]
    assert b'"late":true' in alerts(ends[0])[-1].value


def test_a_damaged_record_is_an_error() -> None:
    with pytest.raises(UnreadableStateError):
        load([(b"w", b"soon")], 0)
    with pytest.raises(UnreadableStateError):
        load([(records(apply(fresh(), hit()))[0][0], b"")], 0)


def test_a_damaged_finding_whose_alert_is_due_is_an_error() -> None:
    """Also where the restore itself doesn't need what is damaged."""
    written = records(apply(fresh(), mail(1)))
    damaged = [(key, value and value.replace(b'"uid":"', b'"uid":7,"was":"')) for key, value in written]
    assert damaged != written
    assert load(damaged, 1).findings_open() == load(written, 1).findings_open()
    with pytest.raises(UnreadableStateError):
        load(damaged, 0)


def test_records_of_a_later_version_are_left_alone() -> None:
    state = load([(b"x" + b"0" * 28, b"?"), (b"w", None)], 0)
    assert state.watermark_ms is None
    assert records(apply(state, tick(DROP_MS))) != []


@pytest.mark.parametrize("remembered", [1, 2, 100])
def test_the_domains_of_restored_windows_are_released_with_them(
    remembered: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where they were replaced, or more of them are in findings than the loader remembers."""
    monkeypatch.setattr(load_module, "DOMAINS_DECODED", remembered)
    state, written = fresh(), list[Record]()
    for number in range(12):
        sender = f"desk{number % 4}@mod.gov.uk"
        one = hit(MONDAY_MS, sender=sender, sender_digest=f"{number % 4:032x}", domain=f"army{number % 3}.ml")
        written += records(apply(state, one, offset=number))
    windows = load(written, 12)._context.windows
    assert {domain.domain for domain in windows.pool} == {f"army{number}.ml" for number in range(3)}
    assert all(windows.domains(key) for key in windows)
    for key in list(windows):
        windows.pop(key)
    assert list(windows.pool) == []
