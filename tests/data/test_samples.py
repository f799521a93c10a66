"""The sample is realistic, fits its watchlist, and is what its script writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from importlib.resources import as_file, files
from itertools import pairwise

import pytest

from bench.samples.__main__ import mail_lines
from bench.samples.slips import BURST_DESK, SLIPS
from bench.samples.unreadable import UNREADABLE, unreadable_lines
from streams.data.samples import SPAN_MS, sample_events, unreadable_records, watchlist_file
from streams.domains.scorer import Scorer
from streams.domains.settings import ScorerSettings
from streams.domains.watchlist.file import read_watchlist

NOW_MS = 1_700_000_000_000
MISTAKEN = {slip.mistaken for slip in SLIPS}
Event = dict[str, object]


@pytest.fixture(scope="module")
def events() -> list[Event]:
    return list(sample_events(NOW_MS))


def recipients_of(event: Event) -> list[str]:
    recipients = event["recipients"]
    assert isinstance(recipients, list)
    return recipients


def time_of(event: Event) -> int:
    time = event["time"]
    assert isinstance(time, int)
    return time


def mistaken_domains(event: Event) -> set[str]:
    return MISTAKEN & {address.rpartition("@")[2].lower() for address in recipients_of(event)}


def mail_of(event: Event) -> str:
    return str(event.get("message_id", event["id"]))


@pytest.mark.parametrize(("name", "made"), [("mail-events.jsonl", mail_lines), ("unreadable.jsonl", unreadable_lines)])
def test_the_script_reproduces_the_files(name: str, made: Callable[[], str]) -> None:
    assert (files("streams.data.samples") / name).read_text(encoding="utf-8") == made()


def test_times_lie_within_the_span_before_now(events: list[Event]) -> None:
    times = [time_of(event) for event in events]
    assert min(times) >= NOW_MS - SPAN_MS
    assert max(times) <= NOW_MS
    assert max(times) - min(times) > SPAN_MS * 0.95


def test_the_same_now_gives_the_same_events(events: list[Event]) -> None:
    assert list(sample_events(NOW_MS)) == events
    later = next(sample_events(NOW_MS + 1))
    assert time_of(later) == time_of(events[0]) + 1


def test_ids_are_unique_and_some_mails_have_several_events(events: list[Event]) -> None:
    assert 1_800 <= len(events) <= 2_200
    assert len({event["id"] for event in events}) == len(events)
    of_mail = Counter(mail_of(event) for event in events)
    assert sum(1 for count in of_mail.values() if count > 1) > 100


def test_about_three_in_a_hundred_mails_have_a_mistaken_domain(events: list[Event]) -> None:
    slipped = {mail_of(event) for event in events if mistaken_domains(event)}
    share = len(slipped) / len({mail_of(event) for event in events})
    assert 0.02 < share < 0.06
    assert set().union(*(mistaken_domains(event) for event in events)) == MISTAKEN


def test_one_desk_writes_to_army_ml_a_dozen_times_in_a_day(events: list[Event]) -> None:
    burst = [event for event in events if event["sender"] == BURST_DESK and "army.ml" in mistaken_domains(event)]
    mails = {mail_of(event): time_of(event) for event in burst}
    assert len(mails) >= 12
    assert max(mails.values()) - min(mails.values()) < 24 * 3_600_000


def test_the_stream_has_what_streams_have(events: list[Event]) -> None:
    statuses = {event["delivery"] if isinstance(event["delivery"], str) else "by recipient" for event in events}
    times = [time_of(event) for event in events]
    assert statuses == {"delivered", "deferred", "failed", "rejected", "held", "unknown", "by recipient"}
    assert {event["direction"] for event in events} == {"outbound", "internal", "inbound"}
    assert any(event["sender"] == "" for event in events)
    assert 10 < sum(1 for before, after in pairwise(times) if after < before) < 300
    assert any(len(recipients_of(event)) > 1 and mistaken_domains(event) for event in events)


def test_unreadable_records_come_as_bytes() -> None:
    records = list(unreadable_records())
    assert records == [record for _, record in UNREADABLE]
    assert any(not _is_utf8(record) for record in records)


def test_the_watchlist_is_there() -> None:
    assert "*.mil" in watchlist_file().read_text(encoding="utf-8")


def test_the_watchlist_fits_the_sample(events: list[Event]) -> None:
    with as_file(watchlist_file()) as path:
        scorer = Scorer(read_watchlist(path, today=date(2026, 1, 1)), ScorerSettings())
    domains = {address.rpartition("@")[2].lower() for event in events for address in recipients_of(event)}
    found = {domain for domain in domains if scorer.score(domain).typo}
    assert found <= MISTAKEN
    real_elsewhere = {
        "defence.gov.ua",
        "shape.nato.ing",
        "fcdo.gov.co.uk",
    }  # or might be
    assert found >= MISTAKEN - real_elsewhere


def _is_utf8(record: bytes) -> bool:
    try:
        record.decode()
    except UnicodeDecodeError:
        return False
    return True
