"""The statuses are those of OCSF's Detection Finding."""

from __future__ import annotations

from ocsf_json_schema import get_ocsf_schema

from streams.triage.status import TriageStatus


def test_numbers_and_captions_are_ocsf_s() -> None:
    attributes = get_ocsf_schema(version="1.5.0")["classes"]["detection_finding"]["attributes"]
    captions = {int(number): each["caption"] for number, each in attributes["status_id"]["enum"].items()}
    assert {int(status): status.caption for status in TriageStatus}.items() <= captions.items()


def test_words_are_distinct_and_what_waits_for_somebody_is_open() -> None:
    assert [status.word for status in TriageStatus] == ["new", "in-progress", "suppressed", "resolved"]
    assert [status.word for status in TriageStatus if status.is_open] == ["new", "in-progress"]
