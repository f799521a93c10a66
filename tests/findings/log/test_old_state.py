"""State that an earlier version wrote is restored, and continues as that version would have continued, but for what
alerts have gained since: time and delivery of evidences, the confidence in words, a status on updates, the sender as
actor, and titles that name more domains. Updates of grown findings are put off to never.

`state-0.1.json.gz` was written by version 0.1: a log of hits and watermark messages (`tests.findings.samples.stream`,
seed 7), the compacted state topic after the first `cut` records of it, in hexadecimal digits, and the alerts that
version 0.1 published for the rest.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from streams.events.delivery import STORED
from streams.events.hit import TypoHit, decode_hit_or_tick
from streams.findings.rules import GroupBy
from streams.findings.settings import FindingsSettings
from streams.findings.state import PartitionState
from tests.findings.worker import DIGESTS

OLD: dict[str, Any] = json.loads(gzip.decompress(Path(__file__).with_name("state-0.1.json.gz").read_bytes()))
POLICY = FindingsSettings(labels={"OFFICIAL-SENSITIVE": "medium"}, update_after="400d").policy()
BATCH = 10


@pytest.mark.parametrize("group_by", ["sender", "domain"])
def test_the_alerts_are_those_of_the_version_that_wrote_it(group_by: GroupBy) -> None:
    log, cut = [decode_hit_or_tick(record.encode()) for record in OLD["log"]], OLD["cut"]
    records = [(bytes.fromhex(key), bytes.fromhex(value)) for key, value in OLD[group_by]["records"]]
    state = PartitionState.load(POLICY, DIGESTS, group_by, records, cut)
    alerts: list[str] = []
    ends = [*range(cut - cut % BATCH + BATCH, len(log), BATCH), len(log)]
    for first, end in zip([cut, *ends], ends, strict=False):
        for outcome in state.apply(log[first:end], first_offset=first, last_offset=end - 1):
            alerts += [alert.value.decode() for alert in outcome.alerts if not alert.repeated]
    assert [_without_additions(alert) for alert in alerts] == [_comparable(alert) for alert in OLD[group_by]["alerts"]]


def _comparable(alert: str) -> Any:
    """The alert without its title and the digest of its content."""
    read = json.loads(alert)
    del read["metadata"]["uid"], read["finding_info"]["title"], read["message"]
    return read


def _without_additions(alert: str) -> Any:
    read = _comparable(alert)
    del read["confidence_id"], read["confidence"]
    read["metadata"].pop("profiles", None)
    read.pop("actor", None)
    if read["status_id"] == 0:
        del read["status_id"], read["status"]
    read["unmapped"]["straymail"].pop("evidences_left_out", None)
    for evidence in read.get("evidences", []):
        for name in ("time", "delivery"):
            del evidence["data"][name]
        if not evidence["data"]:
            del evidence["data"]
    return read


def test_it_has_every_delivery_status() -> None:
    log = [decode_hit_or_tick(record.encode()) for record in OLD["log"][: OLD["cut"]]]
    assert {hit.delivery for hit in log if isinstance(hit, TypoHit)} == set(STORED)


def test_ranks_that_are_stored_never_change() -> None:
    assert STORED == ("unknown", "held", "deferred", "rejected", "failed", "delivered")
