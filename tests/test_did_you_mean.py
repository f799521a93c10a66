"""The names that are suggested for a mistyped one, and those that aren't."""

from __future__ import annotations

import pytest

from streams.did_you_mean import did_you_mean, nearest_names, or_list

SETTINGS = ("brokers", "own_domains", "web.port", "gate.port", "security.password", "security.protocol", "watchlist")


@pytest.mark.parametrize(
    ("given", "known", "near"),
    [
        ("broker", SETTINGS, ["brokers"]),
        ("Brokers", SETTINGS, ["brokers"]),
        ("own-domains", SETTINGS, ["own_domains"]),
        ("owndomain", SETTINGS, ["own_domains"]),
        ("security.protocl", SETTINGS, ["security.protocol"]),
        ("port", SETTINGS, ["web.port", "gate.port"]),
        ("kafka_brokers", SETTINGS, ["brokers"]),
        ("wacthlist", SETTINGS, ["watchlist"]),
        ("hi", ("informational", "low", "high"), ["high"]),
        ("colour", SETTINGS, []),
        ("", SETTINGS, []),
        ("...", SETTINGS, []),
        ("x", (), []),
        ("a", ("b", "c"), []),
        ("ports", ("porta", "portb", "portc", "portd"), ["porta", "portb", "portc"]),
    ],
)
def test_what_is_near(given: str, known: tuple[str, ...], near: list[str]) -> None:
    assert nearest_names(given, known) == near


def test_the_suggestion_in_words() -> None:
    assert did_you_mean("broker", SETTINGS) == "did you mean 'brokers'?"
    assert did_you_mean("port", SETTINGS) == "did you mean 'web.port' or 'gate.port'?"
    assert did_you_mean("by", ("bya", "byb", "byc")) == "did you mean 'bya', 'byb' or 'byc'?"
    assert did_you_mean("colour", SETTINGS) == ""


def test_without_a_suggestion_all_are_listed() -> None:
    assert or_list("meduim", ("low", "medium", "high")) == "did you mean 'medium'?"
    assert or_list("extreme", ("low", "medium", "high")) == "use low, medium or high"
    assert or_list("extreme", ("low",)) == "use low"
