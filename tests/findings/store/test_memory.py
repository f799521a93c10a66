"""The memory that the state of one partition takes, apart from what a worker keeps unpacked of all its partitions."""

import tracemalloc

import pytest

from streams.findings.settings import FindingsSettings
from streams.findings.state import PartitionState
from tests.findings.samples import MONDAY_MS, hit
from tests.findings.worker import DIGESTS

SENDERS = 4_000
MOST_BYTES = 2_000
"""For a sender with one slip, including its finding."""


@pytest.mark.fuzz
def test_senders_without_recent_mail_take_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.findings.store.unpacked_budget.MAX_UNPACKED", 1_000)
    state = PartitionState(FindingsSettings().policy(), DIGESTS, "sender")
    hits = [hit(MONDAY_MS + number, sender=f"desk{number}@mod.gov.uk") for number in range(SENDERS)]
    tracemalloc.start()
    for at in range(0, SENDERS, 100):
        for outcome in state.apply(hits[at : at + 100], first_offset=at, last_offset=at + 99):
            assert outcome.alerts
    used_bytes = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert used_bytes / SENDERS < MOST_BYTES
