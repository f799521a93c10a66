"""Questions for tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from streams.gate.question import Question

POLICY = Question("policy", "jo@mod.gov.uk", ("sam@army.ml",), login="jo", client_address="192.0.2.1", instance="1.1")
MILTER = Question(
    "milter", "jo@mod.gov.uk", ("sam@army.ml",), login="jo", client_address="192.0.2.1", message_id="<1@mod.gov.uk>"
)
HTTP = Question("http", "jo@mod.gov.uk", ("sam@army.ml",))


def policy(**changes: Any) -> Question:
    """Somebody who has logged in asks over policy about sam@army.ml."""
    return replace(POLICY, **changes)


def milter(**changes: Any) -> Question:
    """The same over milter."""
    return replace(MILTER, **changes)
