"""A state that has lost records is noticed when it is restored; counted again from the earliest hits, it is exact."""

import random
from collections import defaultdict

import pytest

from streams.events.alert_view import AlertView
from streams.findings.log.load import Loss
from streams.findings.log.records import CHECK, WATERMARK, Record, WatermarkRecord, decode_check, encode
from streams.findings.settings import FindingsSettings
from streams.findings.state import PartitionState
from tests.findings.log.test_load import alerts, apply, fresh, load, records
from tests.findings.log.test_old_state import OLD
from tests.findings.samples import MONDAY_MS, hit, stream, tick
from tests.findings.test_state import DROP_MS, FINAL_MS, mail
from tests.findings.worker import DIGESTS, Worker, compacted

POLICY = FindingsSettings().policy()


def loss_of(written: list[Record], start_offset: int = 9, earliest_offset: int = 0) -> Loss | None:
    return PartitionState.load(POLICY, DIGESTS, "sender", written, start_offset, earliest_offset=earliest_offset).loss


def counted_mails(number: int) -> list[Record]:
    """The compacted state after so many mails of one sender."""
    state = fresh()
    return compacted([record for at in range(number) for record in records(apply(state, mail(at), offset=at))])


@pytest.mark.parametrize("kind", [b"h", b"f"])
def test_a_lost_record_is_noticed(kind: bytes) -> None:
    written = counted_mails(4)
    lost = next(record for record in written if record[0][:1] == kind)
    assert loss_of(written) is None
    assert loss_of([record for record in written if record != lost]) == Loss(1, recounted=False)
    assert loss_of([*written, (lost[0], None)]) is None, "as after a crash before the next check record"
    assert loss_of([record for record in written if record[0][:1] != kind]) is not None


def test_a_state_of_which_nothing_is_left_is_noticed() -> None:
    assert str(loss_of([])).startswith("the whole state is missing, so findings may be wrong")
    assert loss_of([], start_offset=9, earliest_offset=9) is None, "nothing was committed, or it was reset"


def test_a_state_without_a_check_record_is_an_older_version_s() -> None:
    written = records(apply(fresh(), mail(1), tick(MONDAY_MS)))
    assert loss_of([record for record in written if record[0] != CHECK]) == Loss(1, recounted=False)
    older: list[Record] = [
        (key, (value or b"").replace(b',"checked":true', b"")) for key, value in written if key != CHECK
    ]
    assert loss_of(older) is None


def test_a_log_that_lost_its_newest_records_is_noticed() -> None:
    """The check record among them: what is left agrees with itself."""
    state = fresh()
    first, then = (records(apply(state, mail(number), offset=number)) for number in range(2))
    assert state.log_end == len(first) + len(then)

    def loaded(written: list[Record], start_offset: int) -> PartitionState:
        return PartitionState.load(
            POLICY, DIGESTS, "sender", written, start_offset, log_end=len(written), known_end=state.log_end
        )

    assert loaded(first + then, 2).loss is None
    assert loaded(first, 2).loss == Loss(len(then), recounted=False)
    assert loaded(first, 0).loss == Loss(len(then), recounted=True)
    cut = loaded(first, 2)
    first += records(apply(cut, mail(2), offset=2))
    assert decode_check(dict(first)[CHECK] or b"").damaged


def test_an_earlier_version_s_history_may_have_no_watermark() -> None:
    older = [(bytes.fromhex(key), bytes.fromhex(value)) for key, value in OLD["sender"]["records"]]
    assert loss_of([record for record in older if record[0] != WATERMARK]) is None
    ours = records(apply(fresh(), hit(MONDAY_MS, partition=0, offset=7)))
    assert loss_of([record for record in ours if record[0][:1] != b"s" and record[0] != CHECK]) == Loss(
        1, recounted=False
    )
    assert loss_of([record for record in ours if record[0][:1] in (b"h", b"s")]) == Loss(1, recounted=False)
    assert loss_of([record for record in ours if record[0][:1] == b"s"]) == Loss(None, recounted=False)


def test_a_version_that_counts_no_records_may_go_on_meanwhile() -> None:
    """It drops windows, and Kafka compacts their tombstones away before the newer version comes back."""
    written = counted_mails(4)
    lost = next(record for record in written if record[0][:1] == b"h")
    older = encode(WatermarkRecord(MONDAY_MS, 9))
    assert loss_of([*(record for record in written if record != lost), (WATERMARK, older)]) is None


def test_a_check_record_of_a_worker_that_had_lost_its_partition_is_skipped() -> None:
    written = counted_mails(4)
    ours = PartitionState.load(POLICY, DIGESTS, "sender", written, 4, first_sequence=50)
    ahead = records(apply(ours, mail(4), tick(DROP_MS), offset=4))
    assert loss_of([*written, *ahead, (CHECK, dict(written)[CHECK])]) is None


def test_a_loss_is_remembered_until_the_hits_are_counted_again() -> None:
    written = counted_mails(4)[1:]
    state = load(written, 4)
    written += records(apply(state, mail(4), offset=4))
    assert state.is_damaged
    assert decode_check(dict(written)[CHECK] or b"").damaged
    assert str(loss_of(written)).startswith("records of the state were missing when it was restored before")
    again = load(written, 0)
    assert (again.loss, again.is_damaged) == (Loss(0, recounted=True), False)
    written += records(apply(again, *map(mail, range(5))))
    assert loss_of(written) is None


def test_hits_counted_again_come_to_the_same_finding_with_a_higher_sequence() -> None:
    state = fresh()
    first = apply(state, *map(mail, range(5)), tick(FINAL_MS))
    left = [record for record in compacted(records(first)) if record[0] in (b"c", b"w")]
    again = PartitionState.load(POLICY, DIGESTS, "sender", left, 0, first_sequence=1_000)
    recounted = apply(again, *map(mail, range(5)), tick(FINAL_MS))
    assert b'"count":5' in alerts(recounted)[-1].value
    assert b'"window_state":"final"' in alerts(recounted)[-1].value
    assert b'"sequence":1000' in alerts(recounted)[-1].value


def newest(worker: Worker) -> dict[str, AlertView]:
    found: dict[str, AlertView] = {}
    for view in worker.views():
        if view.uid not in found or view.sequence >= found[view.uid].sequence:
            found[view.uid] = view
    return found


@pytest.mark.fuzz
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("seed", range(4))
def test_after_the_remedy_every_finding_is_exact(seed: int, share: float) -> None:
    """Whatever share of the records is left, wherever it was lost, and through crashes while the hits are recounted."""
    _, log = stream(seed, mails=600)
    expected = Worker(POLICY, log, "sender", seed).run()
    chosen = random.Random(seed)
    worker = Worker(POLICY, log[: len(log) * 2 // 3], "sender", seed).run()
    worker.topic = [record for record in compacted(worker.topic) if chosen.random() < share]
    worker.log, worker.first_sequence, worker.may_be_lost = log, 10_000, True
    worker.state = worker.load()
    assert worker.state.loss is not None
    if seed % 2:
        worker.take(log[worker.committed : worker.committed + 40], worker.committed)
    worker.committed, worker.first_sequence, worker.chance = 0, 20_000, 0.02
    worker.state = worker.load()
    worker.run()
    assert {uid: (v.count, v.peak, v.severity, v.window) for uid, v in newest(worker).items()} == {
        uid: (v.count, v.peak, v.severity, v.window) for uid, v in newest(expected).items()
    }
    contents: dict[tuple[str, int], set[str]] = defaultdict(set)
    for view in worker.views():
        contents[view.uid, view.sequence].add(view.state_uid)
    assert all(len(states) == 1 for states in contents.values()), "a sequence of a finding has two contents"


def test_windows_that_were_dropped_before_the_loss_are_not_published_again() -> None:
    """Kafka may not have all of their hits any more."""
    state, kept = fresh(), hit(DROP_MS, message_id="<kept@mod.gov.uk>")
    written = records(apply(state, mail(1), tick(DROP_MS), kept))
    left = [record for record in compacted(written) if record[0] in (b"c", b"w")]
    again = load(left, 0)
    assert again.loss is not None
    recounted = apply(again, mail(1), tick(DROP_MS), kept, tick(DROP_MS + FINAL_MS - MONDAY_MS))
    (alert,) = alerts(recounted)
    assert b"<kept@mod.gov.uk>" in alert.value


def test_a_tick_alone_leaves_a_check_record() -> None:
    assert CHECK in dict(records(apply(fresh(), tick(MONDAY_MS))))
