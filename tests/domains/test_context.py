"""What the rest of a mail says for a slip."""

from collections.abc import Mapping, Set

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.domains.context import (
    ALL_CONTEXT,
    RECIPIENT_TOO,
    SAME_LOCAL_PART,
    SENDERS_OWN,
    add_log_odds,
    context_evidence,
)


@pytest.mark.parametrize(
    ("sender", "recipients", "expected"),
    [
        (None, {}, []),
        ("example.org", {"navy.mil": {"a"}}, []),
        ("example.org", {"army.mil": {"b"}, "army.ml": {"a"}}, [RECIPIENT_TOO]),
        ("example.org", {"army.mil": {"a", "b"}, "army.ml": {"a"}}, [RECIPIENT_TOO, SAME_LOCAL_PART]),
        ("army.mil", {}, [SENDERS_OWN]),
        ("mil", {}, [SENDERS_OWN]),
        ("my.mil", {}, []),
        ("hq.army.mil", {}, []),
        ("army.mil", {"army.mil": {"a"}, "army.ml": {"a"}}, [RECIPIENT_TOO, SAME_LOCAL_PART, SENDERS_OWN]),
    ],
)
def test_evidence(sender: str | None, recipients: Mapping[str, Set[str]], expected: list[float]) -> None:
    evidence = list(context_evidence("army.ml", "army.mil", sender, recipients))
    assert [log_odds for log_odds, _ in evidence] == expected
    assert all("army.mil" in words or "name before the @" in words or "sender's own" in words for _, words in evidence)


def test_there_is_no_more_evidence_than_all_together() -> None:
    everything = context_evidence("army.ml", "army.mil", "army.mil", {"army.mil": {"a"}, "army.ml": {"a"}})
    assert sum(log_odds for log_odds, _ in everything) == ALL_CONTEXT


@given(st.floats(0, 1), st.floats(0, ALL_CONTEXT))
def test_evidence_for_a_slip_never_lowers_a_score_and_a_score_stays_one(score: float, log_odds: float) -> None:
    assert score - 1e-9 <= add_log_odds(score, log_odds) <= 1


@pytest.mark.parametrize(
    ("score", "log_odds", "expected"), [(0, 9, 0), (1, -9, 1), (0.5, 0, 0.5), (0.5, 3, 0.9526), (0.1, -3, 0.0055)]
)
def test_odds_are_added_and_what_is_sure_stays(score: float, log_odds: float, expected: float) -> None:
    assert add_log_odds(score, log_odds) == pytest.approx(expected, abs=1e-4)
