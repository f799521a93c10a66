"""What the state of one partition weighs: a worker alone holds sixteen."""

import tracemalloc

from streams.findings.settings import FindingsSettings
from streams.findings.state import PartitionState
from tests.findings.driving import DIGESTS
from tests.findings.samples import MONDAY_MS, hit

SENDERS = 4_000
MOST_BYTES = 2_000
"""Of a sender with one slip, the finding that it made included."""


def test_senders_that_were_not_heard_of_lately_are_small() -> None:
    state = PartitionState(FindingsSettings().policy(), DIGESTS, "sender")
    hits = [hit(MONDAY_MS + number, sender=f"desk{number}@mod.gov.uk") for number in range(SENDERS)]
    tracemalloc.start()
    for at in range(0, SENDERS, 100):
        for outcome in state.apply(hits[at : at + 100], first_offset=at, last_offset=at + 99):
            assert outcome.alerts
    weight = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert weight / SENDERS < MOST_BYTES
