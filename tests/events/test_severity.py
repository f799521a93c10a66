"""Severities are OCSF's."""

from streams.events.severity import SEVERITIES, Severity


def test_words_and_captions() -> None:
    assert {word: (int(severity), severity.caption) for word, severity in SEVERITIES.items()} == {
        "informational": (1, "Informational"),
        "low": (2, "Low"),
        "medium": (3, "Medium"),
        "high": (4, "High"),
        "critical": (5, "Critical"),
    }
    assert Severity.LOW < Severity.HIGH
