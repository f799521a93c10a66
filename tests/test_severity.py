"""Severities are OCSF's."""

from typing import get_args

from streams.severity import SEVERITIES, Severity, SeverityWord


def test_words_and_captions() -> None:
    assert {word: (int(severity), severity.caption) for word, severity in SEVERITIES.items()} == {
        "informational": (1, "Informational"),
        "low": (2, "Low"),
        "medium": (3, "Medium"),
        "high": (4, "High"),
        "critical": (5, "Critical"),
    }
    assert Severity.LOW < Severity.HIGH


def test_the_words_that_settings_take_are_all_there_are() -> None:
    assert get_args(SeverityWord) == tuple(SEVERITIES)
