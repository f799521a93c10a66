"""What events of the gate say, and that no other feed's labels say it."""

from __future__ import annotations

from itertools import permutations

import pytest

from streams.events.asked import OUTCOMES, AskedOutcome, asked_outcome, labels_of, latest_outcome
from streams.gate.refused_event import refused_event
from tests.events.samples import event


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_gate_says_what_came_of_a_question(outcome: AskedOutcome) -> None:
    refused = refused_event(
        "jo@mod.gov.uk", "sam@army.ml", ask_id="ab12", mail_id="m1", asked_ms=1_780_000_000_000, outcome=outcome
    )
    assert asked_outcome(refused) == outcome
    assert asked_outcome(event(source="gate", labels=["asked", "more", *labels_of(outcome)])) == outcome


@pytest.mark.parametrize(
    "given",
    [
        {"source": "postfix", "labels": ["asked"]},
        {"source": ..., "labels": ["asked"]},
        {"source": "gate", "labels": ["confirmed"]},
        {"source": "gate", "labels": ...},
    ],
)
def test_mail_is_no_question(given: dict[str, object]) -> None:
    """Whoever sends mail writes headers that some feeds quote as labels."""
    assert asked_outcome(event(**given)) is None


def test_the_latest_of_several_reports() -> None:
    assert latest_outcome([]) is None
    assert {latest_outcome(order) for order in permutations(OUTCOMES)} == {"corrected"}
    assert latest_outcome(["confirmed", "asked"]) == "confirmed"
