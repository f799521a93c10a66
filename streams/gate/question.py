"""What a mail system asks, and what the gate answers. Pure values, the same for all protocols."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from streams.domains.verdict import Verdict

GateProtocol = Literal["policy", "milter", "http"]
GATE_PROTOCOLS: tuple[GateProtocol, ...] = get_args(GateProtocol)
Action = Literal["pass", "refuse"]
Fault = Literal["watchlist", "memory", "store", "deadline", "size", "error"]
"""Why a mail passes though it was not judged: no valid watchlist yet, the memory not restored yet, nothing to store
decisions in, too little time, too big for the bounds of a listener, an unexpected error."""
FAULTS: tuple[Fault, ...] = get_args(Fault)
Passing = Literal["no-slip", "not-own", "no-person", "audit", "unasked", "warn", "confirmed"]
Refusing = Literal["asked", "rejected", "listed"]
Why = Passing | Refusing | Fault
WHYS: tuple[Why, ...] = (*get_args(Passing), *get_args(Refusing), *FAULTS)
"""Why a recipient passes or is refused.

It passes: `no-slip`; `not-own`, mail of others; `no-person`, a null sender, a list, VERP or a probe; `audit`, the mode
`confirm` would have refused it; `unasked`, a slip of a sender who is never asked: a program, one who could never
confirm, or mail that didn't come by SMTP; `warn`; `confirmed` by the sender; or a fault. It is refused: `asked`, which
the sender can confirm; `rejected` by the mode, and `listed`, a listed mistake, which nobody can confirm.
"""


@dataclass(frozen=True, slots=True)
class Question:
    """One mail, or one recipient of it, that is about to leave. Everything but `protocol` may be hostile text.

    `sender` is the envelope sender, empty for a bounce; `recipients` are envelope addresses, without angle brackets.
    `login` is the SASL user name, `client_address` the IP address of the SMTP client; None where there is none, as over
    HTTP. `message_id` is the header's, None where it has none or isn't known yet (policy). `instance` is the same text
    for all questions about one mail, and another for each mail (Postfix's attribute `instance`). `is_bulk` is whether
    the header is that of a list or of bulk mail (milter; see `is_bulk_header`). `is_internal` is True for mail that
    didn't come through SMTP (Postfix's non_smtpd_milters), which is never refused.
    """

    protocol: GateProtocol
    sender: str
    recipients: tuple[str, ...]
    login: str | None = None
    client_address: str | None = None
    message_id: str | None = None
    instance: str | None = None
    is_bulk: bool = False
    is_internal: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What becomes of one recipient.

    `reply` is the text for the sender, one line of ASCII under 480 octets with `[straymail]` at its start, without the
    SMTP codes (`550 5.7.1`), which the listener adds. It is there for every refusal, and over HTTP for every slip.
    `verdict` is there for every slip that was judged.
    """

    recipient: str
    action: Action
    why: Why
    reply: str | None = None
    verdict: Verdict | None = None


Deliver = Callable[[list[Answer]], bool]
"""Sends the answers to a question; returns whether its client was still there."""


class Gatekeeper(Protocol):
    """What the listeners know of the gate."""

    async def ask(self, question: Question, deliver: Deliver) -> None:
        """Call `deliver` once, with an answer for each recipient, in order, within about the deadline
        (`gate.deadline`). A sender whose refusal could not be delivered has not been asked. Raises nothing but
        CancelledError: where the gate can't judge, everything passes."""

    def let_pass(self, protocol: GateProtocol, recipients: int) -> None:
        """Count so many recipients that pass unjudged, since the mail or the request is too big to be read or kept."""


def refusal(answers: list[Answer]) -> Answer | None:
    """The first answer that refuses; None where all recipients pass. Over milter it refuses the whole mail."""
    return next((answer for answer in answers if answer.action == "refuse"), None)
