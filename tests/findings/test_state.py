"""The life of a finding, from its first alert until it is dropped."""

import orjson
import pytest

from streams.domains.watchlist.watchlist import Group
from streams.events.alert_view import AlertView, read_alert
from streams.events.hit import Tick, TypoHit
from streams.findings.rules import GroupBy
from streams.findings.settings import FindingsSettings
from streams.findings.state import MAX_ALERTS, PartitionState
from streams.severity import Severity
from tests.findings.samples import DAY_MS, HOUR_MS, MONDAY_MS, hit, tick
from tests.findings.worker import DIGESTS

POLICY = FindingsSettings().policy({"allies": Group(Severity.HIGH, "allies@x.org", "https://x.org/run")})
FINAL_MS = MONDAY_MS + 2 * DAY_MS
DROP_MS = MONDAY_MS + 3 * DAY_MS


class Driver:
    """Applies batches one after the other and reads the alerts."""

    def __init__(self, group_by: GroupBy = "sender", settings: FindingsSettings | None = None) -> None:
        policy = settings.policy() if settings is not None else POLICY
        self.state = PartitionState(policy, DIGESTS, group_by)
        self.offset = 0
        self.keys: list[bytes] = []
        self.late = 0

    def __call__(self, *batch: TypoHit | Tick) -> list[AlertView]:
        last = self.offset + len(batch) - 1
        outcomes = list(self.state.apply(batch, first_offset=self.offset, last_offset=last))
        self.offset = last + 1
        self.keys = [key for outcome in outcomes for key, _ in outcome.records]
        self.late += sum(outcome.late for outcome in outcomes)
        return [read_alert(alert.value) for outcome in outcomes for alert in outcome.alerts]


def mail(number: int, **given: object) -> TypoHit:
    return hit(MONDAY_MS + number * 60_000, message_id=f"<{number}@mod.gov.uk>", **given)


def test_one_alert_when_created_then_at_powers_of_two_and_when_the_severity_rises() -> None:
    drive = Driver()
    views_by_number = {number: drive(mail(number)) for number in range(1, 18)}
    sent = {
        number: [(v.activity, v.severity.word, v.is_alert) for v in views]
        for number, views in views_by_number.items()
        if views
    }
    assert sent == {
        1: [("create", "low", True)],
        2: [("update", "low", False)],
        3: [("update", "medium", True)],
        4: [("update", "medium", False)],
        8: [("update", "medium", False)],
        10: [("update", "high", True)],
        16: [("update", "high", False)],
    }
    assert [v.sequence for views in views_by_number.values() for v in views] == list(range(1, 8))
    assert len({v.uid for views in views_by_number.values() for v in views}) == 1


def test_a_batch_makes_one_alert_of_a_finding() -> None:
    drive = Driver()
    (created,) = drive(*(mail(number) for number in range(12)))
    assert (created.count, created.severity, created.activity) == (12, Severity.HIGH, "create")
    assert created.created_ms == created.last_seen_ms == created.time_ms == MONDAY_MS + 11 * 60_000
    assert created.first_seen_ms == MONDAY_MS


def test_a_repeated_hit_leads_to_nothing() -> None:
    drive = Driver()
    drive(mail(1))
    assert drive(mail(1), mail(1)) == []
    assert drive.keys == []


def test_what_is_worth_an_update() -> None:
    drive = Driver()
    drive(*(mail(number) for number in range(5)))
    (delivered,) = drive(mail(0, delivery="delivered"))
    assert (delivered.count, delivered.delivered_count, delivered.is_alert) == (5, 1, False)
    assert drive(mail(1, delivery="delivered")) == []
    (domain,) = drive(mail(5, domain="navy.ml"))
    assert domain.title == "desk7@mod.gov.uk sent 6 mails to army.ml and navy.ml, probably meant for army.mil"
    (listed,) = drive(mail(0, delivery="delivered", listed=True), mail(6, domain="mail.ml", group="allies"))
    assert (listed.severity, listed.is_alert) == (Severity.HIGH, True)
    assert (listed.owner, listed.runbook_url) == ("allies@x.org", "https://x.org/run")


def test_a_label_with_a_higher_minimum_severity_is_worth_an_update_even_if_the_severity_stays() -> None:
    settings = FindingsSettings.model_validate({"labels": {"secret": "low"}})
    drive = Driver(settings=settings)
    drive(*(mail(number) for number in range(5)))
    assert drive(mail(5, labels=["PUBLIC"])) == []
    (marked,) = drive(mail(6, labels=["SECRET"]))
    assert (marked.severity, marked.labels) == (Severity.MEDIUM, ("PUBLIC", "SECRET"))


def test_names_that_are_not_in_an_alert_are_stored() -> None:
    drive = Driver()
    drive(*(mail(number) for number in range(5)))
    drive(mail(5, labels=["PUBLIC"]))
    assert [key[:1] for key in drive.keys] == [b"h", b"n", b"c"]


def test_mail_that_is_known_not_to_have_been_delivered_is_informational() -> None:
    drive = Driver()
    (created,) = drive(mail(1, delivery="failed"), mail(2, delivery="rejected"))
    assert (created.severity, created.is_alert) == (Severity.INFORMATIONAL, False)
    assert "Nothing was delivered" in created.remediation
    (rose,) = drive(mail(3))
    assert (rose.severity, rose.is_alert) == (Severity.LOW, True)  # of the three the refused one raises nothing


def test_the_watermark_makes_a_finding_final_and_then_drops_it() -> None:
    drive = Driver()
    drive(mail(1), mail(2), mail(3))
    assert drive(tick(FINAL_MS - 1)) == []
    (final,) = drive(tick(FINAL_MS))
    assert (final.window, final.count, final.activity, final.is_alert) == ("final", 3, "update", False)
    assert final.time_ms == FINAL_MS
    assert drive.state.findings_open() == {"sender-typo-hits": 0}
    (updated,) = drive(mail(4))
    assert (updated.window, updated.count, updated.sequence) == ("final", 4, 3)
    assert drive(tick(DROP_MS - 1)) == []
    assert drive(tick(DROP_MS)) == []
    assert sorted(key[:1] for key in drive.keys) == [b"c", b"f", b"h", b"h", b"h", b"h", b"w"]
    assert drive.keys[:2] == [b"c", b"w"], "tombstones come after the watermark"


def test_a_finding_is_not_dropped_before_its_last_alert_is_sent() -> None:
    drive = Driver()
    outcomes = list(drive.state.apply([mail(1), tick(DROP_MS)], first_offset=0, last_offset=1))
    assert [(len(outcome.alerts), [value is None for _, value in outcome.records]) for outcome in outcomes] == [
        (1, [False, False, False, False]),
        (0, [False, False, True, True]),
    ]


def test_a_burst_over_midnight_is_not_halved() -> None:
    drive = Driver()
    midnight = MONDAY_MS + DAY_MS
    drive(*(hit(midnight - 60_000 * (1 + number), message_id=f"<{number}>") for number in range(6)))
    (second,) = drive(*(hit(midnight + 60_000 * number, message_id=f"<{10 + number}>") for number in range(4)))
    assert (second.count, second.peak, second.severity) == (4, 10, Severity.HIGH)
    assert "(10 within 24 hours)" in second.title


def test_a_hit_may_raise_the_peak_of_the_next_window() -> None:
    drive = Driver()
    midnight = MONDAY_MS + DAY_MS
    drive(hit(midnight, message_id="<1>"), hit(midnight + 1, message_id="<2>"))
    raised = drive(hit(midnight - 1, message_id="<3>"))
    assert [(v.start_ms, v.count, v.peak, v.severity.word) for v in raised] == [
        (MONDAY_MS, 1, 1, "low"),
        (midnight, 2, 3, "medium"),
    ]


def test_distinct_senders_make_a_leak() -> None:
    drive = Driver("domain")
    assert drive(mail(1), mail(2), mail(3)) == []
    assert [key[:1] for key in drive.keys] == [b"h", b"h", b"h", b"n", b"c"]
    (leak,) = drive(mail(4, sender="other@mod.gov.uk"))
    assert leak.title == "2 senders wrote to army.ml, probably meant for army.mil"
    assert (leak.sender, leak.rule, leak.counts) == (None, "domain-leak", "senders")


def test_a_doubtful_domain_makes_one_finding() -> None:
    drive = Driver("domain")
    doubtful = [
        mail(number, sender=f"desk{number}@mod.gov.uk", certain=False, domain="amry.com") for number in range(3)
    ]
    (suspect,) = drive(*doubtful)
    assert suspect.title == "3 mails went to amry.com, which may be a slip for army.mil"
    assert (suspect.rule, suspect.severity, suspect.is_alert) == ("suspect-domain", Severity.INFORMATIONAL, False)
    assert drive.state.findings_open() == {"domain-leak": 0, "suspect-domain": 1}


def test_the_count_of_a_full_finding_is_marked_as_a_minimum() -> None:
    drive = Driver(settings=FindingsSettings(max_mails=3))
    (full,) = drive(*(mail(number) for number in range(5)))
    assert (full.count, full.count_is_minimum) == (3, True)
    assert full.title.startswith("desk7@mod.gov.uk sent at least 3 mails to army.ml")
    assert drive(mail(9)) == []


def test_the_evidence_is_the_new_hits_of_the_batch() -> None:
    drive = Driver()
    drive(mail(1), mail(2))
    outcomes = list(drive.state.apply([mail(1), mail(3), mail(4)], first_offset=2, last_offset=4))
    alert = orjson.loads(outcomes[0].alerts[0].value)
    assert [evidence["email"]["message_uid"] for evidence in alert["evidences"]] == ["<3@mod.gov.uk>", "<4@mod.gov.uk>"]
    many = [mail(number) for number in range(10, 60)]
    outcomes = list(drive.state.apply(many, first_offset=5, last_offset=54))
    assert len(orjson.loads(outcomes[0].alerts[0].value)["evidences"]) == 20


def test_the_largest_record_is_one_that_a_broker_takes() -> None:
    drive = Driver()
    largest = {
        "recipients": [f"{chr(0x1F600) * 300}{number}@army.ml" for number in range(100)],
        "labels": [f"{number}{chr(0x1F600) * 250}" for number in range(100)],
        "subject": chr(0x1F600) * 200,
        "explanation": "x" * 500,
    }
    hits = [
        hit(MONDAY_MS, message_id=f"<{number}{'x' * 1_000}>", domain=f"{number}{'x' * 240}.ml", **largest)
        for number in range(150)
    ]
    (outcome,) = drive.state.apply(hits, first_offset=0, last_offset=len(hits) - 1)
    assert max(len(value) for _, value in outcome.records if value is not None) < 1_000_000
    assert len(outcome.alerts[0].value) < 1_000_000


def test_a_sender_digest_may_have_any_form() -> None:
    assert [view.count for view in Driver()(mail(1, sender_digest="?"), mail(2, sender_digest="?"))] == [2]


def test_the_watermark_is_written_each_minute_at_most() -> None:
    drive = Driver()
    written = [bool(drive(tick(MONDAY_MS + second * 1_000)) or drive.keys) for second in range(0, 125, 5)]
    assert [second * 5 for second, was in enumerate(written) if was] == [0, 60, 120]
    assert drive.state.watermark_ms == MONDAY_MS + 120_000


def test_an_empty_batch_leads_to_nothing_but_the_first_check_record() -> None:
    drive = Driver()
    (first,) = drive.state.apply([], first_offset=0, last_offset=-1)
    assert ([key for key, _ in first.records], first.alerts) == ([b"c"], [])
    assert [outcome.records for outcome in drive.state.apply([], first_offset=0, last_offset=-1)] == [[]]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_windows_wait_for_all_source_partitions(order: tuple[int, int]) -> None:
    drive = Driver()
    drive(mail(1))
    assert drive(tick(FINAL_MS + HOUR_MS, order[0], of=2)) == []
    (final,) = drive(tick(FINAL_MS, order[1], of=2))
    assert final.window == "final"


def test_refused_mail_raises_no_severity() -> None:
    """Anybody can have mails refused, under any sender's address; that says nothing of the one that was delivered."""
    drive = Driver()
    drive(*(mail(number, delivery="rejected") for number in range(10)))
    (rose,) = drive(mail(11, delivery="delivered"))
    assert (rose.severity, rose.count, rose.peak, rose.is_alert) == (Severity.LOW, 11, 11, True)
    drive(*(mail(number, delivery="rejected") for number in range(20, 200)))
    (medium,) = drive(mail(12), mail(13))
    assert (medium.severity, medium.is_alert) == (Severity.MEDIUM, True)


def test_refused_mail_of_the_window_before_raises_none_either_whoever_goes_on_counting() -> None:
    """The window before is dropped when this one is final; what is stored then still tells the two peaks apart."""
    before = [
        hit(MONDAY_MS - number * 60_000, message_id=f"<b{number}>", delivery="rejected") for number in range(1, 11)
    ]
    state = PartitionState(POLICY, DIGESTS, "sender")
    log: list[TypoHit | Tick] = [*before, mail(1, delivery="delivered"), tick(FINAL_MS)]
    outcomes = list(state.apply(log, first_offset=0, last_offset=11))
    views = [read_alert(alert.value) for outcome in outcomes for alert in outcome.alerts]
    final = max((view for view in views if view.start_ms == MONDAY_MS), key=lambda view: view.sequence)
    assert (final.window, final.peak, final.severity) == ("final", 11, Severity.LOW)
    records = [record for outcome in outcomes for record in outcome.records]
    for counting in (state, PartitionState.load(POLICY, DIGESTS, "sender", records, 12)):
        late: list[TypoHit | Tick] = [mail(2, delivery="delivered"), tick(FINAL_MS)]
        (again,) = [
            read_alert(alert.value)
            for outcome in counting.apply(late, first_offset=12, last_offset=13)
            for alert in outcome.alerts
        ]
        assert (again.count, again.peak, again.severity) == (2, 11, Severity.LOW)


def test_when_all_windows_end_at_once_little_is_in_flight_at_a_time() -> None:
    """Each of a worker's sixteen partitions has an outcome in flight then, and sends it as it is."""
    drive = Driver()
    senders = MAX_ALERTS + 20
    drive(
        *(hit(sender=f"desk{number}.of.a.long.name@mod.gov.uk", recipients=["r@army.ml"]) for number in range(senders))
    )
    outcomes = list(drive.state.apply([tick(FINAL_MS)], first_offset=senders, last_offset=senders))
    assert [len(outcome.alerts) for outcome in outcomes] == [MAX_ALERTS, 20]
    sent = [[*outcome.records, *((b"", alert.value) for alert in outcome.alerts)] for outcome in outcomes]
    assert max(sum(len(key) + len(value or b"") for key, value in records) for records in sent) < 512 * 1024
