"""Decides about one slip: whether it passes, is refused, or is confirmed by being sent again. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from streams.gate.question import Question, Why
from streams.gate.settings import Mode
from streams.gate.whose_mail import names_of

Certainty = Literal["listed", "certain", "doubtful"]


@dataclass(frozen=True)
class GatePolicy:
    """The mode by certainty, the senders (login or bare address, lower case) that are never asked, and how long a
    sender waits before a mail that is sent again confirms."""

    modes: Mapping[Certainty, Mode]
    automatic: frozenset[str]
    wait_ms: int


class Known(NamedTuple):
    """What is known of a sender and a recipient: whether the sender has confirmed; whether there is an open ask over
    this protocol; whether this mail is one that was refused; when the pair was last refused (ms since the epoch)."""

    is_confirmed: bool = False
    is_asked: bool = False
    is_same_mail: bool = False
    last_refused_ms: int | None = None


class Ruling(NamedTuple):
    """Why the recipient passes or is refused, and whether this mail is the confirmation."""

    why: Why
    confirms: bool = False


def rule(question: Question, certainty: Certainty, known: Known, policy: GatePolicy, *, now_ms: int) -> Ruling:
    """The ruling on a recipient at a mistaken domain."""
    mode = policy.modes[certainty]
    if question.is_internal or not policy.automatic.isdisjoint(names_of(question)):
        return Ruling("unasked")
    if mode == "audit":
        return Ruling("audit" if certainty == "listed" or _can_confirm(question) else "unasked")
    if mode == "warn":
        return Ruling("warn")
    if mode == "reject":
        return Ruling("rejected")
    if certainty == "listed":
        return Ruling("listed")
    if known.is_confirmed:
        return Ruling("confirmed")
    if not _can_confirm(question):
        return Ruling("unasked")
    if _confirms(question, known, policy.wait_ms, now_ms):
        return Ruling("confirmed", confirms=True)
    return Ruling("asked")


def _can_confirm(question: Question) -> bool:
    """Whether the sender of such a mail could ever confirm it: without a login, or without what tells a mail from its
    own repetition, programs would be stopped for ever, and would confirm without a person. HTTP only advises."""
    return bool({"policy": question.login, "milter": question.message_id, "http": True}[question.protocol])


def _confirms(question: Question, known: Known, wait_ms: int, now_ms: int) -> bool:
    """Whether a mail answers the ask: another mail does, after the wait since the last refusal: programs, and outboxes
    with two mails, try at once, again and again. What was asked over one protocol is not confirmed over another: at
    RCPT a message can't be told from its repetition."""
    if question.protocol == "http" or not known.is_asked or known.is_same_mail:
        return False
    return now_ms - (known.last_refused_ms or 0) >= wait_ms
